"""The use cases of one process, and what they stand on."""

from __future__ import annotations  # config imports this package

import threading
from functools import cached_property
from typing import Any

import config
from app import rounds
from app.background import Background, Soon, finish
from app.clock import utcnow
from app.domain.code_hashes import CodeHasher
from app.domain.doors import Door
from app.domain.visits import Visit
from app.ports import Calls, Hosts, Store
from app.slack import home
from app.slack.hosts import SlackHosts
from app.stores.copies import back_up as back_up
from app.stores.copies import put_back as put_back
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from app.timekeeping import Timekeeping, this_process
from app.usecases.access_codes import AccessCodes
from app.usecases.alarms import Alarms
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
from app.usecases.log_search import LogSearch
from app.usecases.marks import Marks
from app.usecases.moves import Moves
from app.usecases.names import Names
from app.usecases.notices import Notices
from app.usecases.people import People
from app.usecases.questions import Questions
from app.usecases.recording import Recording
from app.usecases.reports import Reports
from app.usecases.retention import Retention
from app.usecases.roles import Roles
from app.usecases.schedules import Schedules
from app.usecases.seal_keys import SealKeys
from app.usecases.sealing import Sealing
from app.usecases.sessions import Sessions
from app.usecases.summaries import Summaries
from app.usecases.telephones import Telephones
from app.usecases.tones import Tones
from app.usecases.unlocks import Unlocks
from app.usecases.visits import Visits
from app.voice.calls import TwilioCalls


class Services:
    """The use cases of one process, made when they are first asked for; the same for every edge. Does no I/O."""

    def __init__(self, settings: config.Settings, store: Store, hosts: Hosts, calls: Calls) -> None:
        self.settings = settings
        self.office = settings.office
        self.store = store
        self.hosts = hosts
        self.calls = calls
        self.doors = Doors(store)
        self.audit = AuditLog(store)
        self.forgeries = Forgeries(store)
        self.woken = threading.Event()  # set when there is something to tell
        self.tell = self.woken.set
        self.leases = Leases(store, this_process())
        self.moving = Soon("moving", lambda door, call: self.moves.move(door, call))
        self.asking = Soon("asking", lambda door, call: self.questions.settle(door, call))

    def moved_on(self, door: Door, visit: Visit) -> None:
        """A visit moved on: who has to know of it; none of it takes the ring's time."""
        self.digests.touched(door.id)
        self.tones.touched(door.id)
        if visit.is_asked:
            self.asking(door, visit.id)

    def finish(self) -> None:
        """What must not be lost with this process."""
        finish(self.visits.record_backlog)

    @cached_property
    def roles(self) -> Roles:
        return Roles(self.office.people, self.hosts, self.store, self.office.doors)

    @cached_property
    def people(self) -> People:
        return People(self.store, self.roles, self.hosts, self.office.doors, self.tell)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.store, self.roles, self.office, self.settings.secret_keys)

    @cached_property
    def names(self) -> Names:
        return Names(self.store, self.hosts)

    @cached_property
    def search(self) -> LogSearch:
        return LogSearch(self.store, self.names)

    @cached_property
    def unlocks(self) -> Unlocks:
        return Unlocks(self.store, self.office.terms, self.tell)

    @cached_property
    def schedules(self) -> Schedules:
        return Schedules(self.store, self.tell)

    @cached_property
    def lockdowns(self) -> Lockdowns:
        return Lockdowns(self.store, self.office.doors, self.tell)

    @cached_property
    def declarations(self) -> Declarations:
        return Declarations(self.store, self.office.doors, self.tell)

    @cached_property
    def tones(self) -> Tones:
        return Tones(self.store, self.office.doors)

    @cached_property
    def access_codes(self) -> AccessCodes:
        return AccessCodes(self.store, CodeHasher(self.settings.secret_keys))

    @cached_property
    def visits(self) -> Visits:
        return Visits(self.store, self.tell, self.moved_on)

    @cached_property
    def holding(self) -> Holding:
        return Holding(self.store, self.access_codes, self.moved_on)

    @cached_property
    def telephones(self) -> Telephones:
        return Telephones(self.store, self.moved_on)

    @cached_property
    def answers(self) -> Answers:
        return Answers(self.store, self.office.terms, self.moved_on, self.moving)

    @cached_property
    def moves(self) -> Moves:
        return Moves(self.store, self.calls, utcnow)

    @cached_property
    def questions(self) -> Questions:
        return Questions(self.store, self.hosts, self.office.doors, self.holding, self.moving, utcnow)

    @cached_property
    def digests(self) -> Digests:
        return Digests(self.store, self.hosts, self.office.doors)

    @cached_property
    def reports(self) -> Reports:
        return Reports(self.store, self.office)

    @cached_property
    def summaries(self) -> Summaries:
        return Summaries(self.store, self.office)

    @cached_property
    def faults(self) -> Faults:
        return Faults(self.hosts, (door.channel for door in self.office.doors.values()), self.settings.secret_keys[0])

    @cached_property
    def alarms(self) -> Alarms:
        return Alarms(self.store, self.hosts, self.office.doors)

    @cached_property
    def housekeeping(self) -> Housekeeping:
        return Housekeeping(self.store, self.visits, self.office, Retention(self.store, self.seal_keys))

    @cached_property
    def seal_keys(self) -> SealKeys:
        return SealKeys(self.store, self.settings.secret_keys)

    @cached_property
    def recording(self) -> Recording:
        return Recording(self.store, self.seal_keys, self.office, self.housekeeping.partitions)

    @property
    def sealing(self) -> Sealing:
        return self.recording.sealing

    @cached_property
    def notices(self) -> Notices:
        return Notices(self.store, self.hosts, self.housekeeping.partitions)

    @cached_property
    def following(self) -> Following:
        homes = Homes(self.office, self.store, self.doors, self.access_codes, self.people)
        marks, views = Marks(self.store, self.doors), Views(home.view, home.refused)
        return Following(self.store, self.hosts, self.roles, homes, marks, self.leases, views)

    @cached_property
    def timekeeping(self) -> Timekeeping:
        """What must happen at a time, by one process only."""
        return rounds.timekeeping(self)

    @cached_property
    def background(self) -> Background:
        """What nobody waits for."""
        return rounds.background(self)


def create_services(settings: config.Settings, **overrides: Any) -> Services:
    """The use cases. `store`, `hosts` and `calls` can be given instead of the real ones."""
    sid, token = settings.twilio_account_sid, settings.twilio_auth_tokens[0]
    return Services(
        settings,
        overrides.get("store") or create_store(settings),
        overrides.get("hosts") or SlackHosts(settings.slack_bot_token, settings.slack_api_url),
        overrides.get("calls") or TwilioCalls(sid, token, settings.twilio_api_url, settings.public_url),
    )


def create_store(settings: config.Settings) -> Store:
    """The store that the settings name: Redis by its address, otherwise the embedded one."""
    return RedisStore(settings.redis_url) if settings.redis_url else SqliteStore(settings.sqlite_path)


def store_facts(store: Store) -> list[dict[str, str]]:
    """What each server of a Redis store says of itself; nothing for the embedded one."""
    return store.facts() if isinstance(store, RedisStore) else []
