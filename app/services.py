"""The use cases of one process, and what they stand on."""

from __future__ import annotations  # config imports this package

import threading
from dataclasses import dataclass
from typing import Any

import config
from app.background import Background, Soon
from app.clock import utcnow
from app.domain.code_hashes import CodeHasher
from app.domain.doors import Door
from app.domain.office import Office
from app.domain.visits import Visit
from app.ports import Calls, Hosts, Store
from app.slack import home
from app.slack.hosts import SlackHosts
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from app.timekeeping import Timed, Timekeeping
from app.usecases.access_codes import AccessCodes
from app.usecases.alarms import Alarms
from app.usecases.announcements import Announcements
from app.usecases.answers import Answers
from app.usecases.audit import AuditLog
from app.usecases.declarations import Declarations
from app.usecases.digests import Digests
from app.usecases.doors import Doors
from app.usecases.faults import Faults
from app.usecases.following import Following, Views
from app.usecases.forgeries import Forgeries
from app.usecases.holding import Holding
from app.usecases.homes import Homes
from app.usecases.housekeeping import Housekeeping
from app.usecases.leases import Leases
from app.usecases.lockdowns import Lockdowns
from app.usecases.marks import Marks
from app.usecases.moves import Moves
from app.usecases.notices import Notices
from app.usecases.people import People
from app.usecases.questions import Questions
from app.usecases.reminders import Reminders
from app.usecases.reports import Reports
from app.usecases.roles import Roles
from app.usecases.schedules import Schedules
from app.usecases.steps import Changed
from app.usecases.telephones import Telephones
from app.usecases.tones import Tones
from app.usecases.unlocks import Unlocks
from app.usecases.visits import Visits
from app.voice.calls import TwilioCalls


@dataclass(frozen=True)
class Services:
    """The use cases of one process; the same for every edge."""

    office: Office
    store: Store
    hosts: Hosts
    roles: Roles
    people: People
    unlocks: Unlocks
    lockdowns: Lockdowns
    declarations: Declarations
    schedules: Schedules
    tones: Tones
    answers: Answers
    access_codes: AccessCodes
    doors: Doors
    audit: AuditLog
    visits: Visits
    holding: Holding
    telephones: Telephones
    digests: Digests
    following: Following
    reports: Reports
    faults: Faults
    forgeries: Forgeries
    alarms: Alarms
    background: Background


def create_services(settings: config.Settings, **overrides: Any) -> Services:
    """Build the use cases. `store`, `hosts` and `calls` can be given instead of the real ones. Does no I/O."""
    office, (store, hosts, calls) = settings.office, _ports(settings, overrides)
    woken = threading.Event()
    moving = Soon("moving", lambda door, call: moves.move(door, call))
    asking = Soon("asking", lambda door, call: questions.settle(door, call))
    access_codes, tones = AccessCodes(store, CodeHasher(settings.secret_keys)), Tones(store, office.doors)
    digests = Digests(store, hosts, office.doors)
    moved_on = _moved_on(digests, tones, asking)
    holding = Holding(store, access_codes, moved_on)
    moves, questions = Moves(store, calls, utcnow), Questions(store, hosts, office.doors, holding, moving, utcnow)
    visits, forgeries = Visits(store, woken.set, moved_on), Forgeries(store)
    faults = Faults(hosts, (door.channel for door in office.doors.values()), settings.secret_keys[0])
    roles, reports = Roles(office.people, hosts, store, office.doors), Reports(store, office)
    alarms = Alarms(store, hosts, office.doors)
    housekeeping = Housekeeping(store, visits, office)
    notices = Notices(store, hosts, housekeeping.partitions)
    timekeeping = Timekeeping(Leases(store), _timed(store, office, roles, housekeeping, reports, alarms, woken))
    doors = Doors(store)
    following = _following(store, hosts, roles, Homes(office, store, doors, access_codes))
    background = Background(
        housekeeping,
        notices,
        questions,
        moves,
        digests,
        tones,
        forgeries,
        faults,
        timekeeping,
        following,
        woken,
        asking,
        moving,
        alarms.looks,
    )
    return Services(
        office=office,
        store=store,
        hosts=hosts,
        roles=roles,
        people=People(store, roles, hosts, office.doors, woken.set),
        unlocks=Unlocks(store, office.terms, woken.set),
        lockdowns=Lockdowns(store, office.doors, woken.set),
        declarations=Declarations(store, office.doors, woken.set),
        schedules=Schedules(store, woken.set),
        tones=tones,
        answers=Answers(store, office.terms, moved_on, moving),
        access_codes=access_codes,
        doors=doors,
        audit=AuditLog(store),
        visits=visits,
        holding=holding,
        telephones=Telephones(store, moved_on),
        digests=digests,
        following=following,
        reports=reports,
        faults=faults,
        forgeries=forgeries,
        alarms=alarms,
        background=background,
    )


def _following(store: Store, hosts: Hosts, roles: Roles, homes: Homes) -> Following:
    """Who shows people their App Home."""
    views = Views(home.view, home.refused)
    return Following(store, hosts, roles, homes, Marks(store, Doors(store)), Leases(store), views)


def _timed(
    store: Store,
    office: Office,
    roles: Roles,
    housekeeping: Housekeeping,
    reports: Reports,
    alarms: Alarms,
    woken: threading.Event,
) -> list[Timed]:
    """What must happen at a time, by one process only."""
    return [
        Declarations(store, office.doors, woken.set).resume,
        Lockdowns(store, office.doors, woken.set).end,
        Announcements(store, office.doors, roles.hosts_of, woken.set).announce,
        Reminders(store, office.doors, office.terms, woken.set).remind,
        housekeeping.trim,
        reports.weekly,
        alarms.silence.look,
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
