"""DoorBot: answers a building's intercom. This module is the wiring, nothing else."""

from __future__ import annotations  # config imports this package

import logging
import os
import threading
from dataclasses import dataclass
from typing import Any

from flask import Flask

import config
from app.background import Background
from app.domain.doors import Door
from app.domain.office import Office
from app.ports import Hosts, Store
from app.slack.commands import Commands
from app.slack.hosts import SlackHosts
from app.slack.signature import Signature as SlackSignature
from app.slack.webhooks import Webhooks as SlackWebhooks
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from app.usecases.audit import AuditLog
from app.usecases.digests import Digests
from app.usecases.doors import Doors
from app.usecases.faults import Faults
from app.usecases.forgeries import Forgeries
from app.usecases.housekeeping import Housekeeping
from app.usecases.notices import Notices
from app.usecases.people import Roles
from app.usecases.unlocks import Unlocks
from app.usecases.visits import Visits
from app.voice import twiml
from app.voice.front import Front
from app.voice.signature import Signature as VoiceSignature
from app.voice.webhooks import Webhooks as VoiceWebhooks
from app.web import health


@dataclass(frozen=True)
class Services:
    """The use cases of one process; the same for every edge."""

    office: Office
    store: Store
    hosts: Hosts
    roles: Roles
    unlocks: Unlocks
    doors: Doors
    audit: AuditLog
    visits: Visits
    digests: Digests
    faults: Faults
    forgeries: Forgeries
    background: Background


def create_services(settings: config.Settings, **overrides: Any) -> Services:
    """Build the use cases. `store` and `hosts` can be given instead of the real ones. Does no I/O."""
    office = settings.office
    store: Store = overrides.get("store") or create_store(settings)
    hosts: Hosts = overrides.get("hosts") or SlackHosts(settings.slack_bot_token, settings.slack_api_url)
    woken = threading.Event()
    visits = Visits(store, woken.set)
    faults = Faults(hosts, (door.channel for door in office.doors.values()), settings.secret_keys[0])
    forgeries = Forgeries(store)
    housekeeping = Housekeeping(store, visits, office)
    notices = Notices(store, hosts, housekeeping.partitions)
    digests = Digests(store, hosts, office.doors)
    background = Background(housekeeping, notices, digests, forgeries, faults, woken)
    return Services(
        office=office,
        store=store,
        hosts=hosts,
        roles=Roles(office.people, hosts),
        unlocks=Unlocks(store, office.terms, woken.set),
        doors=Doors(store),
        audit=AuditLog(store),
        visits=visits,
        digests=digests,
        faults=faults,
        forgeries=forgeries,
        background=background,
    )


def create_store(settings: config.Settings) -> Store:
    """The store that the settings name: Redis by its address, otherwise the embedded one."""
    return RedisStore(settings.redis_url) if settings.redis_url else SqliteStore(settings.sqlite_path)


def create_app(settings: config.Settings | None = None, **overrides: Any) -> Flask:
    """The WSGI application. Reads the environment unless `settings` are given; raises config.ConfigError."""
    settings = settings or config.load(os.environ)
    services = create_services(settings, **overrides)
    app = Flask(__name__, static_folder=None)
    app.extensions["doorbot"] = services
    commands = Commands(services.office, services.roles, services.unlocks, services.doors, services.audit)
    slack = SlackWebhooks(
        commands,
        services.hosts,
        services.faults,
        services.forgeries,
        SlackSignature(settings.slack_signing_secrets),
    )
    app.register_blueprint(slack.blueprint())
    app.register_blueprint(health.blueprint(services.store))
    app.wsgi_app = Front(  # type: ignore[method-assign]  # the way that Flask's documentation gives for middleware
        VoiceWebhooks(services.office, services.visits, services.faults, settings.public_url),
        services.office,
        VoiceSignature(settings.twilio_auth_tokens, settings.public_url),
        services.forgeries,
        settings.twilio_account_sid,
        app.wsgi_app,
    )
    return app


def fallback_twiml(door: Door) -> str:
    """What Twilio is to do with a call to this door when the server is gone."""
    return twiml.fallback(door)


def configure_logging(level: str) -> None:
    """Log to stderr. Slack's libraries log whole requests and every fault twice: only ours speak of those."""
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    for name in ("slack_sdk", "slack_bolt"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def create_server() -> Flask:
    """What a server's process runs: the application, its log on stderr, and its background thread."""
    settings = config.load(os.environ)
    configure_logging(settings.log_level)
    app = create_app(settings)
    app.extensions["doorbot"].background.start()
    return app
