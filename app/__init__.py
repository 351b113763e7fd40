"""DoorBot: answers a building's intercom. This module is the wiring, nothing else."""

from __future__ import annotations  # config imports this package

import logging
import os
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

from flask import Blueprint, Flask

import config
from app.domain.doors import Door
from app.services import Services as Services
from app.services import back_up as back_up
from app.services import create_services as create_services
from app.services import create_store as create_store
from app.services import put_back as put_back
from app.services import store_facts as store_facts
from app.slack.answering import Answering
from app.slack.commands import Commands
from app.slack.signature import Signature as SlackSignature
from app.slack.surfaces import Surfaces
from app.slack.verbs.access_codes import CodeVerbs
from app.slack.verbs.doors import DoorVerbs
from app.slack.verbs.lockdowns import LockdownVerbs
from app.slack.verbs.people import PeopleVerbs
from app.slack.verbs.reports import ReportVerbs
from app.slack.verbs.schedules import ScheduleVerbs
from app.slack.verbs.tones import ToneVerbs
from app.slack.verbs.unlocks import UnlockVerbs
from app.slack.verbs.visits import VisitVerbs
from app.slack.webhooks import Webhooks as SlackWebhooks
from app.usecases.log_record import LogRecord
from app.voice import twiml
from app.voice.front import Front
from app.voice.signature import Signature as VoiceSignature
from app.voice.webhooks import Webhooks as VoiceWebhooks
from app.web import health, pages
from app.web.access import Access
from app.web.log import LogPages, Views
from app.web.log_above import Above
from app.web.log_export import LogExports
from app.web.log_numbers import LogNumbers
from app.web.log_seals import Seals
from app.web.sign_in import SignIn

logger = logging.getLogger(__name__)


def _slack(services: Services, settings: config.Settings, later: Executor | None) -> SlackWebhooks:
    office, doors, hosts = services.office, services.doors, services.hosts
    verbs = (
        UnlockVerbs(office, services.unlocks),
        LockdownVerbs(office, services.lockdowns, services.declarations),
        ScheduleVerbs(office, services.schedules, doors),
        VisitVerbs(office, services.answers),
        ToneVerbs(office, services.tones),
        CodeVerbs(office, services.access_codes, doors),
        PeopleVerbs(office, services.people, doors),
        ReportVerbs(office, services.reports, doors),
        DoorVerbs(office, doors, services.audit, services.sessions, settings.public_url),
    )
    commands = Commands(office, services.roles, doors, [each.handlers() for each in verbs], services.alarms.tokens.news)
    later, answering = later or ThreadPoolExecutor(4, thread_name_prefix="slack"), Answering(services.faults)
    surfaces = Surfaces(office, commands, services.following, hosts, answering, later)
    signature = SlackSignature(settings.slack_signing_secrets)
    return SlackWebhooks(commands, surfaces, answering, services.forgeries, signature, later)


def _voice(services: Services, settings: config.Settings) -> VoiceWebhooks:
    visits, holding, telephones = services.visits, services.holding, services.telephones
    return VoiceWebhooks(services.office, visits, holding, telephones, services.faults, settings.public_url)


def _web(services: Services, settings: config.Settings) -> Blueprint:
    found, access = pages.blueprint(), Access(services.sessions, services.names, settings.public_url)
    SignIn(services.sessions, access, services.names, services.forgeries).add_to(found)
    views, search, record = Views(services.office, services.audit, access), services.search, LogRecord(services.store)
    above = Above(services.summaries, Seals(services.recording.sealing))
    LogPages(views, search, services.names, above).add_to(found)
    LogNumbers(views, search, record).add_to(found)
    LogExports(views, search, record, services.names).add_to(found)
    return found


def create_app(settings: config.Settings | None = None, **overrides: Any) -> Flask:
    """The WSGI application. Reads the environment unless `settings` are given; raises config.ConfigError."""
    settings = settings or config.load(os.environ)
    services = create_services(settings, **overrides)
    app = Flask(__name__, static_folder=None)
    app.extensions["doorbot"] = services
    slack, voice = _slack(services, settings, overrides.get("later")), _voice(services, settings)
    app.register_blueprint(slack.blueprint())
    app.register_blueprint(health.blueprint(services.store))
    app.register_blueprint(_web(services, settings))
    app.url_map.merge_slashes = False  # the redirects that it makes repeat a link's token
    app.wsgi_app = Front(  # type: ignore[method-assign]  # the way that Flask's documentation gives for middleware
        voice,
        services.office,
        VoiceSignature(settings.twilio_auth_tokens, settings.public_url),
        services.forgeries,
        services.alarms.verifications,
        settings.twilio_account_sid,
        pages.at(settings.public_url, app.wsgi_app),
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
