"""DoorBot: answers a building's intercom. This module is the wiring, nothing else."""

from __future__ import annotations  # config imports this package

import logging
import os
import threading
from dataclasses import dataclass
from typing import Any

from flask import Flask

import config
from app.background import Background, Soon
from app.clock import utcnow
from app.domain.code_hashes import CodeHasher
from app.domain.doors import Door
from app.domain.office import Office
from app.domain.visits import Visit
from app.ports import Calls, Hosts, Store
from app.slack.commands import Commands
from app.slack.hosts import SlackHosts
from app.slack.signature import Signature as SlackSignature
from app.slack.verbs.access_codes import CodeVerbs
from app.slack.verbs.doors import DoorVerbs
from app.slack.verbs.lockdowns import LockdownVerbs
from app.slack.verbs.tones import ToneVerbs
from app.slack.verbs.unlocks import UnlockVerbs
from app.slack.verbs.visits import VisitVerbs
from app.slack.webhooks import Webhooks as SlackWebhooks
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from app.timekeeping import Timed, Timekeeping, this_process
from app.usecases.access_codes import AccessCodes
from app.usecases.announcements import Announcements, everybody_named
from app.usecases.answers import Answers
from app.usecases.audit import AuditLog
from app.usecases.declarations import Declarations
from app.usecases.digests import Digests
from app.usecases.doors import Doors
from app.usecases.faults import Faults
from app.usecases.forgeries import Forgeries
from app.usecases.holding import Holding
from app.usecases.housekeeping import Housekeeping
from app.usecases.leases import Leases
from app.usecases.lockdowns import Lockdowns
from app.usecases.moves import Moves
from app.usecases.notices import Notices
from app.usecases.people import Roles
from app.usecases.questions import Questions
from app.usecases.reminders import Reminders
from app.usecases.steps import Changed
from app.usecases.telephones import Telephones
from app.usecases.tones import Tones
from app.usecases.unlocks import Unlocks
from app.usecases.visits import Visits
from app.voice import twiml
from app.voice.calls import TwilioCalls
from app.voice.front import Front
from app.voice.signature import Signature as VoiceSignature
from app.voice.webhooks import Webhooks as VoiceWebhooks
from app.web import health

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Services:
    """The use cases of one process; the same for every edge."""

    office: Office
    store: Store
    hosts: Hosts
    roles: Roles
    unlocks: Unlocks
    lockdowns: Lockdowns
    declarations: Declarations
    tones: Tones
    answers: Answers
    access_codes: AccessCodes
    doors: Doors
    audit: AuditLog
    visits: Visits
    holding: Holding
    telephones: Telephones
    digests: Digests
    faults: Faults
    forgeries: Forgeries
    background: Background


def create_services(settings: config.Settings, **overrides: Any) -> Services:
    """Build the use cases. `store`, `hosts` and `calls` can be given instead of the real ones. Does no I/O."""
    office, (store, hosts, calls) = settings.office, _ports(settings, overrides)
    woken = threading.Event()
    moving = Soon("moving", lambda door, call: moves.move(door, call))
    asking = Soon("asking", lambda door, call: questions.settle(door, call))
    access_codes = AccessCodes(store, CodeHasher(settings.secret_keys))
    tones, digests = Tones(store, office.doors), Digests(store, hosts, office.doors)
    moved_on = _moved_on(digests, tones, asking)
    holding = Holding(store, access_codes, moved_on)
    moves, questions = Moves(store, calls, utcnow), Questions(store, hosts, office.doors, holding, moving, utcnow)
    visits, forgeries = Visits(store, woken.set, moved_on), Forgeries(store)
    faults = Faults(hosts, (door.channel for door in office.doors.values()), settings.secret_keys[0])
    housekeeping = Housekeeping(store, visits, office)
    notices = Notices(store, hosts, housekeeping.partitions)
    timekeeping = Timekeeping(Leases(store, this_process()), _timed(store, office, housekeeping, woken))
    background = Background(
        housekeeping, notices, questions, moves, digests, tones, forgeries, faults, timekeeping, woken, asking, moving
    )
    return Services(
        office=office,
        store=store,
        hosts=hosts,
        roles=Roles(office.people, hosts),
        unlocks=Unlocks(store, office.terms, woken.set),
        lockdowns=Lockdowns(store, office.doors, woken.set),
        declarations=Declarations(store, office.doors, woken.set),
        tones=tones,
        answers=Answers(store, office.terms, moved_on, moving),
        access_codes=access_codes,
        doors=Doors(store),
        audit=AuditLog(store),
        visits=visits,
        holding=holding,
        telephones=Telephones(store, moved_on),
        digests=digests,
        faults=faults,
        forgeries=forgeries,
        background=background,
    )


def _timed(store: Store, office: Office, housekeeping: Housekeeping, woken: threading.Event) -> list[Timed]:
    """What must happen at a time, by one process only."""
    return [
        Declarations(store, office.doors, woken.set).resume,
        Lockdowns(store, office.doors, woken.set).end,
        Announcements(store, office.doors, everybody_named(office.people), woken.set).announce,
        Reminders(store, office.doors, office.terms, woken.set).remind,
        housekeeping.trim,
    ]


def _ports(settings: config.Settings, overrides: dict[str, Any]) -> tuple[Store, Hosts, Calls]:
    """What is outside, or what was given instead of it."""
    sid, token = settings.twilio_account_sid, settings.twilio_auth_tokens[0]
    return (
        overrides.get("store") or create_store(settings),
        overrides.get("hosts") or SlackHosts(settings.slack_bot_token, settings.slack_api_url),
        overrides.get("calls") or TwilioCalls(sid, token, settings.twilio_api_url, settings.public_url),
    )


def _moved_on(digests: Digests, tones: Tones, asking: Soon) -> Changed:
    """Who has to know that a visit moved on; none of it takes the ring's time."""

    def moved_on(door: Door, visit: Visit) -> None:
        digests.touched(door.id)
        tones.touched(door.id)
        if visit.is_asked:
            asking(door, visit.id)

    return moved_on


def create_store(settings: config.Settings) -> Store:
    """The store that the settings name: Redis by its address, otherwise the embedded one."""
    return RedisStore(settings.redis_url) if settings.redis_url else SqliteStore(settings.sqlite_path)


def _slack(services: Services, settings: config.Settings) -> SlackWebhooks:
    office, doors = services.office, services.doors
    verbs = (
        UnlockVerbs(office, services.unlocks),
        LockdownVerbs(office, services.lockdowns, services.declarations),
        VisitVerbs(office, services.answers),
        ToneVerbs(office, services.tones),
        CodeVerbs(office, services.access_codes, doors),
        DoorVerbs(office, doors, services.audit),
    )
    commands = Commands(office, services.roles, doors, [each.handlers() for each in verbs])
    signature = SlackSignature(settings.slack_signing_secrets)
    return SlackWebhooks(commands, services.hosts, services.faults, services.forgeries, signature)


def _voice(services: Services, settings: config.Settings) -> VoiceWebhooks:
    visits, holding, telephones = services.visits, services.holding, services.telephones
    return VoiceWebhooks(services.office, visits, holding, telephones, services.faults, settings.public_url)


def create_app(settings: config.Settings | None = None, **overrides: Any) -> Flask:
    """The WSGI application. Reads the environment unless `settings` are given; raises config.ConfigError."""
    settings = settings or config.load(os.environ)
    services = create_services(settings, **overrides)
    app = Flask(__name__, static_folder=None)
    app.extensions["doorbot"] = services
    slack, voice = _slack(services, settings), _voice(services, settings)
    app.register_blueprint(slack.blueprint())
    app.register_blueprint(health.blueprint(services.store))
    app.wsgi_app = Front(  # type: ignore[method-assign]  # the way that Flask's documentation gives for middleware
        voice,
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
    for warning in settings.office.warnings():
        logger.warning(warning)
    app = create_app(settings)
    app.extensions["doorbot"].background.start()
    return app
