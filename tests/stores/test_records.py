"""Domain values to their stored form and back; and that nothing else is ever taken for one."""

import json
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

from app.domain.access_codes import AccessCode, DoorCodes, WrongTries
from app.domain.alarms import TokenRefused, Verification
from app.domain.announcements import Announcement
from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.domain.calibration import Calibration, LastRelease, ToneSetting
from app.domain.digests import Conclusion, Digest, Line
from app.domain.doors import DoorState, Lockdown
from app.domain.followers import Follower, Followers, HomeShown
from app.domain.known_doors import KnownDoors
from app.domain.leases import Lease
from app.domain.lockdowns import Declaration
from app.domain.names import PeopleNames
from app.domain.notices import Button, Notice
from app.domain.past_visits import PastVisit
from app.domain.people import Given, Grant, Grants, Revocation
from app.domain.questions import Question
from app.domain.receipts import Receipt, Refusals, Unverified
from app.domain.reminders import Reminder
from app.domain.reports import WeeklyTold
from app.domain.schedules import DoorSchedules, Schedule, SpecialDay
from app.domain.seals import Breach, SealCheck, Sealer, SealHead, SealingKey, SealsTold, SealTags, Wrong
from app.domain.sessions import Link, Session
from app.domain.silence import Rhythm, Week
from app.domain.summaries import Carried, DaySummary, MonthSummary, Summed
from app.domain.unlocks import Unlock
from app.domain.visits import Visit, VisitState
from app.stores import codec, records
from app.stores.records import UnreadableRecord

NOON = datetime(2026, 11, 23, 17, 0, 0, 123456, tzinfo=UTC)
NOON_MICROS = 1_795_453_200_123_456
ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC) | ZONES)  # noqa: DTZ001
TEXTS = st.text(st.characters(), max_size=20)  # lone surrogates too
PLAIN_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)  # of what a page can show
COUNTS = st.integers(-(2**63), 2**63)
UNLOCKS = st.builds(Unlock, TEXTS, MOMENTS, MOMENTS, st.none() | COUNTS, TEXTS, TEXTS)
LOCKDOWNS = st.builds(Lockdown, TEXTS, MOMENTS, TEXTS, st.none() | MOMENTS, COUNTS)
ACCESS_CODES = st.builds(
    AccessCode, TEXTS, TEXTS, TEXTS, TEXTS, MOMENTS, MOMENTS, st.booleans(), st.none() | COUNTS, st.none() | MOMENTS
)
SCHEDULES = st.builds(
    Schedule,
    COUNTS,
    st.lists(COUNTS, max_size=4).map(tuple),
    *(COUNTS, COUNTS, TEXTS, MOMENTS, TEXTS, TEXTS, TEXTS),
    st.none() | MOMENTS,
)
SPECIAL_DAYS = st.builds(SpecialDay, TEXTS, COUNTS, COUNTS, st.booleans(), TEXTS, MOMENTS, st.booleans())
PAIRS = st.lists(COUNTS, max_size=8).map(tuple)
DAY_SUMMARIES = st.builds(DaySummary, TEXTS, PAIRS, st.dictionaries(TEXTS, COUNTS, max_size=4), PAIRS)
PAST_VISITS = st.builds(
    PastVisit, MOMENTS, st.none() | st.sampled_from(Conclusion), TEXTS, st.none() | MOMENTS, st.booleans()
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "state": st.builds(DoorState, st.lists(UNLOCKS, max_size=4).map(tuple), st.none() | LOCKDOWNS, COUNTS),
    "visit:CA1": st.builds(
        Visit,
        TEXTS,
        MOMENTS,
        st.sampled_from(VisitState),
        TEXTS,
        *(st.none() | MOMENTS, st.none() | MOMENTS),
        *(st.booleans(), st.booleans()),
        *(TEXTS, TEXTS),
        st.none() | MOMENTS,
        TEXTS,
        st.booleans(),
        st.none() | MOMENTS,
        st.lists(TEXTS, max_size=4).map(tuple),
    ),
    "question:CA1": st.builds(
        Question,
        TEXTS,
        MOMENTS,
        TEXTS,
        *(COUNTS, COUNTS),
        TEXTS,
        *(st.booleans(), st.booleans()),
        st.none() | MOMENTS,
        COUNTS,
    ),
    "tone": st.builds(ToneSetting, TEXTS, st.none() | st.builds(Calibration, TEXTS, MOMENTS, TEXTS, TEXTS)),
    "release": st.builds(LastRelease, MOMENTS, TEXTS, st.none() | MOMENTS),
    "receipt:a:b": st.builds(Receipt, TEXTS, MOMENTS),
    "refusals:U0HOST001": st.builds(
        Refusals, TEXTS, st.sampled_from(Action), st.sampled_from(Source), MOMENTS, st.dictionaries(TEXTS, COUNTS)
    ),
    "notice:": st.builds(
        Notice, *(TEXTS, TEXTS, MOMENTS), st.none() | MOMENTS, st.booleans(), COUNTS, expires_at=st.none() | MOMENTS
    ),
    "digest": st.builds(
        Digest,
        COUNTS,
        MOMENTS,
        TEXTS,
        TEXTS,
        st.dictionaries(TEXTS, COUNTS, max_size=4),
        COUNTS,
        st.lists(st.builds(Line, MOMENTS, TEXTS), max_size=4).map(tuple),
        st.dictionaries(TEXTS, st.booleans(), max_size=4),
        st.booleans(),
        COUNTS,
        COUNTS,
        st.booleans(),
    ),
    "report": st.builds(WeeklyTold, TEXTS),
    "unverified": st.builds(Unverified, MOMENTS, st.dictionaries(TEXTS, COUNTS, max_size=4)),
    "codes": st.builds(DoorCodes, st.lists(ACCESS_CODES, max_size=4).map(tuple)),
    "doors": st.builds(
        KnownDoors, st.dictionaries(TEXTS, TEXTS, max_size=4), st.dictionaries(TEXTS, TEXTS, max_size=4)
    ),
    "tries": st.builds(WrongTries, st.lists(MOMENTS, max_size=20).map(tuple), st.none() | MOMENTS),
    "schedules": st.builds(
        DoorSchedules,
        st.lists(SCHEDULES, max_size=4).map(tuple),
        st.lists(SPECIAL_DAYS, max_size=4).map(tuple),
        *(st.none() | MOMENTS, st.none() | MOMENTS),
        COUNTS,
    ),
    "names": st.builds(PeopleNames, st.dictionaries(TEXTS, TEXTS, max_size=4)),
    "link:1": st.builds(Link, TEXTS, MOMENTS, st.none() | MOMENTS),
    "session:1": st.builds(Session, TEXTS, MOMENTS, MOMENTS),
    "people": st.builds(
        Grants,
        st.lists(
            st.builds(Grant, TEXTS, st.sampled_from(Given), TEXTS, MOMENTS, TEXTS, st.none() | MOMENTS), max_size=4
        ).map(tuple),
        st.lists(st.builds(Revocation, TEXTS, TEXTS, MOMENTS, TEXTS), max_size=4).map(tuple),
    ),
    "announcement:1": st.builds(
        Announcement, TEXTS, MOMENTS, *(st.lists(TEXTS, max_size=4).map(tuple),) * 2, st.none() | MOMENTS
    ),
    "declaration": st.builds(
        Declaration,
        COUNTS,
        st.sampled_from(Action),
        TEXTS,
        st.sampled_from(Source),
        MOMENTS,
        TEXTS,
        st.none() | MOMENTS,
        st.lists(TEXTS, max_size=4).map(tuple),
        st.booleans(),
    ),
    "lease:timekeeping": st.builds(Lease, TEXTS, MOMENTS),
    "followers": st.builds(Followers, st.lists(st.builds(Follower, TEXTS, MOMENTS), max_size=4).map(tuple)),
    "home:U0HOST001": st.builds(HomeShown, MOMENTS, TEXTS, TEXTS, TEXTS, COUNTS),
    "reminder:1:U0HOST001": st.builds(Reminder, TEXTS, MOMENTS, MOMENTS),
    "silence": st.builds(
        Rhythm,
        COUNTS,
        *(MOMENTS, MOMENTS),
        st.booleans(),
        COUNTS,
        st.lists(st.builds(Week, MOMENTS, COUNTS, COUNTS), max_size=4).map(tuple),
        st.none() | MOMENTS,
    ),
    "token_refused": st.builds(TokenRefused, MOMENTS, TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=4)),
    "webhooks": st.builds(
        Verification,
        st.lists(MOMENTS, max_size=4).map(tuple),
        *(st.none() | MOMENTS, st.none() | MOMENTS, st.none() | MOMENTS),
        st.booleans(),
        st.none() | MOMENTS,
    ),
    "summary:2026-11": st.builds(MonthSummary, st.lists(DAY_SUMMARIES, max_size=4).map(tuple)),
    "summed": st.builds(
        Summed,
        MOMENTS,
        *(COUNTS, COUNTS),
        st.lists(TEXTS, max_size=4).map(tuple),
        st.lists(st.builds(Carried, TEXTS, TEXTS, PAST_VISITS), max_size=4).map(tuple),
        COUNTS,
    ),
    "sealing_key": st.builds(SealingKey, TEXTS, TEXTS, st.lists(TEXTS, max_size=4).map(tuple), TEXTS),
    "seal": st.builds(SealHead, COUNTS, TEXTS, MOMENTS, COUNTS, TEXTS, COUNTS, TEXTS),
    "tags:1": st.builds(SealTags, COUNTS, TEXTS),
    "check": st.builds(SealCheck, COUNTS, MOMENTS, st.none() | MOMENTS),
    "breach": st.builds(Breach, st.sampled_from(Wrong), COUNTS, COUNTS, MOMENTS),
    "sealer": st.builds(Sealer, st.none() | MOMENTS, TEXTS),
    "seals_told": st.builds(SealsTold, TEXTS),
}
EVENTS = st.builds(
    AuditEvent,
    MOMENTS,
    PLAIN_TEXTS,
    st.sampled_from(Action),
    st.sampled_from(Outcome),
    PLAIN_TEXTS,
    PLAIN_TEXTS,
    st.sampled_from(Source),
    PLAIN_TEXTS,
    PLAIN_TEXTS,
    st.dictionaries(PLAIN_TEXTS, PLAIN_TEXTS | COUNTS, max_size=4),
)
EXAMPLES: dict[str, Any] = {
    "state": DoorState(
        (Unlock("U0HOST001", NOON, NOON + timedelta(hours=2)),), Lockdown("U0ADMIN01", NOON, "smoke", NOON, 7), 7
    ),
    "visit": Visit(
        "CA1",
        NOON,
        VisitState.RELEASED,
        "host",
        NOON + timedelta(seconds=40),
        held_until=NOON + timedelta(seconds=25),
        is_asked=True,
        is_confirmed=True,
        keyed="48",
        by="U0HOST001",
        decided_at=NOON + timedelta(seconds=7),
        tone="standard",
        heard=True,
        left_out=("+12125550123",),
    ),
    "question": Question("C0FRONTDOOR", NOON, "DoorDash", 3, 2, "1700000000.000001", True, False, NOON, 4),
    "tone": ToneSetting("patient", Calibration("U0HOST001", NOON, "standard", "CA1")),
    "release": LastRelease(NOON, "standard", NOON),
    "receipt": Receipt("Done.", NOON),
    "refusals": Refusals("U0HOST001", Action.UNLOCK, Source.SLACK, NOON, {"not_permitted": 7}),
    "notice": Notice("C0FRONTDOOR", "Hello", NOON, NOON, True, 3, (Button("lock", "front", "Lock"),), NOON),
    "digest": Digest(
        7, NOON, "2026-11-23", "1.0", {"missed": 2}, 1, (Line(NOON, "12:00  missed"),), {"CA1": True}, True, 1, 2, True
    ),
    "report": WeeklyTold("2026-11-23"),
    "unverified": Unverified(NOON, {"slack": 1}),
    "codes": DoorCodes((AccessCode("FedEx", "ab12", "cd34", "U0HOST001", NOON, NOON, True, 3, NOON),)),
    "tries": WrongTries((NOON, NOON), NOON),
    "doors": KnownDoors({"front": "Front door"}, {"front": "America/New_York"}),
    "schedules": DoorSchedules(
        (Schedule(1, (0, 1), 660, 840, "U0HOST001", NOON, "lunch", "2026-12-01", "2026-12-23", NOON),),
        (SpecialDay("2026-12-24", 720, 1440, False, "U0HOST001", NOON, True),),
        *(NOON, NOON, 2),
    ),
    "people": Grants(
        (Grant("U0BEN0001", Given.ADMIN, "U0ADMIN01", NOON, "front", NOON),),
        (Revocation("S0RECEPTION", "U0ADMIN01", NOON, "front"),),
    ),
    "names": PeopleNames({"U0ADMIN01": "Ana Admin"}),
    "link": Link("U0ADMIN01", NOON, NOON),
    "session": Session("U0ADMIN01", NOON, NOON),
    "announcement": Announcement("Lockdown", NOON, ("front",), ("U0HOST001",), NOON),
    "declaration": Declaration(
        7, Action.LOCK_DOWN, "U0ADMIN01", Source.SLACK, NOON, "smoke", NOON, ("front", "back"), True
    ),
    "lease": Lease("a1b2", NOON),
    "followers": Followers((Follower("U0HOST001", NOON),)),
    "home": HomeShown(NOON, "front", "ab12", "1.abc", 3),
    "reminder": Reminder("U0HOST001", NOON, NOON + timedelta(hours=2)),
    "silence": Rhythm(7, NOON, NOON, True, 60, (Week(NOON, 20, 3600),), NOON),
    "token_refused": TokenRefused(NOON, "invalid_auth", {"U0ADMIN01": "1.2"}),
    "webhooks": Verification((NOON, NOON), NOON, NOON, NOON, True, NOON),
    "summary": MonthSummary((DaySummary("2026-11-23", (12, 2, 13, 1), {"released": 2}, (45, 1)),)),
    "summed": Summed(
        *(NOON, 7, 2, ("2026-11",)),
        (Carried("CA1", "2026-11-23", PastVisit(NOON, Conclusion.RELEASED, "host", NOON, True)),),
        1,
    ),
    "sealing_key": SealingKey("ab12", "cd34", ("door:front", "office"), "ef56"),
    "seal": SealHead(7, "ab12", NOON, 3, "cd34", 5, "ef56"),
    "tags": SealTags(4, "q80="),
    "check": SealCheck(7, NOON, NOON),
    "breach": Breach(Wrong.CHANGED, 4, 7, NOON),
    "sealer": Sealer(NOON, "other_secret"),
    "seals_told": SealsTold("2026-11-23"),
}
EVENT = AuditEvent(NOON, "front", Action.RING, Outcome.DENIED, "lockdown", "U0HOST001", Source.VOICE, "CA1", "withheld")
each_kind = pytest.mark.parametrize("kind", records.KINDS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


def stored(kind: str, **changes: object) -> str:
    """The stored form of an example, changed."""
    return json.dumps({**json.loads(records.encode(EXAMPLES[kind])), **changes})


def whole(value: Any) -> Any:
    """A value as plain JSON with every field, also those that are not stored because they have their default."""
    if is_dataclass(value):
        return {each.name: whole(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [whole(each) for each in value]
    return records.to_micros(value) if isinstance(value, datetime) else value


def as_read(kind: str, text: str) -> Any:
    return {"v": 1, **whole(records.decode(kind, text))}


def readable(read: Callable[[], object]) -> bool:
    """Whether something can be read; anything but a value or UnreadableRecord is a failure."""
    try:
        read()
    except UnreadableRecord:
        return False
    return True


def test_there_is_an_example_of_every_kind() -> None:
    assert EXAMPLES.keys() == records.KINDS.keys() == {name.partition(":")[0] for name in VALUES}
    assert {kind: type(example) for kind, example in EXAMPLES.items()} == records.KINDS


# There and back


@given(st.sampled_from(sorted(VALUES)).flatmap(lambda name: st.tuples(st.just(name), VALUES[name])))
def test_every_record_is_read_as_it_was_written(named: tuple[str, Any]) -> None:
    name, value = named
    assert records.decode(name, records.encode(value)) == value


@given(EVENTS, st.integers(1, 2**53))
def test_every_event_is_read_as_it_was_written(event: AuditEvent, seq: int) -> None:
    (entry,) = records.log_entries(f"door:{event.door}", [(seq, records.encode_event(event), event.caller)])
    assert (entry.seq, entry.event) == (seq, event)


@given(MOMENTS)
def test_moments_are_exact_to_the_microsecond_and_come_back_in_utc(moment: datetime) -> None:
    again = records.from_micros(records.to_micros(moment))
    assert again == moment
    assert again.utcoffset() == timedelta(0)


@given(EVENTS)
def test_the_time_of_an_event_can_be_seen_without_reading_the_rest(event: AuditEvent) -> None:
    assert records.event_micros(records.encode_event(event)) == records.to_micros(event.time)


@given(EVENTS)
def test_an_event_is_stored_without_its_caller(event: AuditEvent) -> None:
    assert {"caller", "door", "seq"}.isdisjoint(json.loads(records.encode_event(event)))


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_stored_record_is_ascii_with_its_version_and_all_that_has_not_its_default(kind: str) -> None:
    text = records.encode(EXAMPLES[kind])
    assert text.isascii()
    told = {each.name for each in fields(EXAMPLES[kind]) if getattr(EXAMPLES[kind], each.name) != each.default}
    assert json.loads(text).keys() == {"v", *told}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (
            "state",
            f'{{"v":1,"unlocks":[{{"by":"U1","starts_at":{NOON_MICROS},"ends_at":{NOON_MICROS},"left":null,'
            '"expecting":"","tell":""}]}',
        ),
        ("visit", f'{{"v":1,"id":"CA1","started_at":{NOON_MICROS},"state":"released","reason":"","ended_at":null}}'),
        ("question", f'{{"v":1,"channel":"C1","asked_at":{NOON_MICROS}}}'),
        ("receipt", f'{{"v":1,"answer":"Done.","given_at":{NOON_MICROS}}}'),
        (
            "notice",
            f'{{"v":1,"channel":"C1","text":"Hello","written_at":{NOON_MICROS},"rests_until":null,"claimed":false,"tries":0}}',
        ),
        (
            "digest",
            f'{{"v":1,"seen":7,"rests_until":{NOON_MICROS},"day":"2026-11-23","ts":"1.0","counts":{{"missed":2}},'
            f'"shown":1,"lines":[{{"at":{NOON_MICROS},"text":"12:00  missed"}}],"under_way":{{"CA1":true}},'
            '"claimed":true,"sending":1,"tries":2,"complained":true}',
        ),
        ("report", '{"v":1,"week":"2026-11-23"}'),
        ("followers", f'{{"v":1,"people":[{{"who":"U1","opened_at":{NOON_MICROS}}}]}}'),
        ("home", f'{{"v":1,"at":{NOON_MICROS},"door":"front","digest":"ab12","hash":"1.abc"}}'),
        ("unverified", f'{{"v":1,"since":{NOON_MICROS},"counts":{{"voice":2}}}}'),
        (
            "codes",
            f'{{"v":1,"codes":[{{"name":"FedEx","hash":"ab","key_id":"cd","by":"U1","issued_at":{NOON_MICROS},'
            f'"expires_at":{NOON_MICROS},"any_hour":false,"uses_left":null,"used_at":{NOON_MICROS}}}]}}',
        ),
        ("doors", '{"v":1,"names":{"front":"Front door"},"timezones":{"front":"America/New_York"}}'),
        (
            "silence",
            f'{{"v":1,"seen":7,"looked_at":{NOON_MICROS},"since":{NOON_MICROS},"has_rung":true,"waited":60,'
            f'"weeks":[{{"begins_at":{NOON_MICROS},"rings":20,"longest":3600}}],"told_at":{NOON_MICROS}}}',
        ),
        ("token_refused", f'{{"v":1,"since":{NOON_MICROS},"why":"invalid_auth","heard":{{"U1":"1.2"}}}}'),
        (
            "webhooks",
            f'{{"v":1,"failed":[{NOON_MICROS}],"verified_at":{NOON_MICROS},"failing_since":{NOON_MICROS},'
            f'"suspected_at":{NOON_MICROS},"is_told":true,"told_at":{NOON_MICROS}}}',
        ),
        ("tries", f'{{"v":1,"times":[{NOON_MICROS}],"told_at":null}}'),
        (
            "schedules",
            f'{{"v":1,"schedules":[{{"number":1,"days":[0,1],"start":660,"end":840,"by":"U1","added_at":{NOON_MICROS},'
            f'"name":"lunch","first":"2026-12-01","last":"2026-12-23","paused_until":{NOON_MICROS}}}],"special_days":'
            f'[{{"date":"2026-12-24","start":720,"end":1440,"is_open":false,"by":"U1","added_at":{NOON_MICROS},'
            f'"asks_only":false}}],"paused_until":{NOON_MICROS},"suspended_until":{NOON_MICROS},"next_number":2}}',
        ),
        (
            "people",
            f'{{"v":1,"grants":[{{"who":"U1","role":"host","by":"U2","at":{NOON_MICROS},"door":"front",'
            f'"until":{NOON_MICROS}}}],"revocations":[{{"who":"U1","by":"U2","at":{NOON_MICROS},"door":""}}]}}',
        ),
        (
            "summary",
            '{"v":1,"days":[{"date":"2026-11-23","hours":[12,2],"ends":{"released":2},"waits":[45,1]}]}',
        ),
        (
            "summed",
            f'{{"v":1,"at":{NOON_MICROS},"seen":7,"behind":2,"months":["2026-11"],"carried":[{{"visit":"CA1",'
            f'"date":"2026-11-23","told":{{"rang_at":{NOON_MICROS},"conclusion":"released","by":"host",'
            f'"answered_at":{NOON_MICROS},"was_forwarded":true}}}}],"unreadable":1}}',
        ),
    ],
)
def test_what_the_first_release_wrote_is_read_whole_by_this_one(kind: str, text: str) -> None:
    assert as_read(kind, text).items() >= json.loads(text).items()  # later releases may know more
    assert records.decode(kind, records.encode(records.decode(kind, text))) == records.decode(kind, text)


DEFAULTS = {
    DoorState: {"unlocks": (), "lockdown": None, "settled": 0},
    Unlock: {"left": None, "expecting": "", "tell": ""},
    Schedule: {"name": "", "first": "", "last": "", "paused_until": None},
    SpecialDay: {"asks_only": False},
    DoorSchedules: {"schedules": (), "special_days": (), "paused_until": None, "suspended_until": None}
    | {"next_number": 1},
    Grants: {"grants": (), "revocations": ()},
    Grant: {"door": "", "until": None},
    Revocation: {"door": ""},
    Lockdown: {"why": "", "ends_at": None, "number": 0},
    Announcement: {"door_ids": (), "told": (), "rests_until": None},
    Declaration: {"why": "", "ends_at": None, "pending": (), "is_over": False},
    Notice: {"rests_until": None, "claimed": False, "tries": 0, "buttons": (), "expires_at": None},
    Followers: {"people": ()},
    Link: {"used_at": None},
    Session: {},
    HomeShown: {"door": "", "digest": "", "hash": "", "claims": 0},
    Rhythm: {"has_rung": False, "waited": 0, "weeks": (), "told_at": None},
    TokenRefused: {},
    Verification: {"failed": (), "verified_at": None, "failing_since": None, "suspected_at": None}
    | {"is_told": False, "told_at": None},
    MonthSummary: {"days": ()},
    DaySummary: {"hours": (), "waits": ()},
    Summed: {"seen": 0, "behind": 0, "months": (), "carried": (), "unreadable": 0},
    PastVisit: {"conclusion": None, "by": "", "answered_at": None, "was_forwarded": False},
    Question: {"expecting": "", "changed": 1, "shown": 0, "ts": "", "is_posting": False, "is_lost": False}
    | {"rests_until": None, "tries": 0},
    Visit: {"ended_at": None, "held_until": None, "is_asked": False, "is_confirmed": False, "keyed": "", "by": ""}
    | {"decided_at": None, "tone": "", "heard": False, "unlocked_until": None, "left_out": (), "keyed_at": None},
}


@pytest.mark.parametrize("kind", DEFAULTS)
def test_a_default_is_part_of_the_stored_form_and_never_changes(kind: type) -> None:
    assert {each.name: each.default for each in fields(kind) if each.default is not MISSING} == DEFAULTS[kind]


def test_an_absent_record_is_none() -> None:
    assert records.decode("state", None) is None


@pytest.mark.parametrize(("value", "due_micros"), [(DoorState(), None), (Receipt("", NOON), NOON_MICROS + 600_000_000)])
def test_the_stored_form_says_when_a_record_is_due(value: object, due_micros: int | None) -> None:
    assert records.stored_form(value) == (records.encode(value), due_micros)


def test_a_record_to_be_deleted_has_no_stored_form() -> None:
    assert records.stored_form(None) is None


# Other releases


@each_kind
def test_fields_that_only_a_later_release_knows_are_ignored(kind: str) -> None:
    assert records.decode(kind, stored(kind, v=2, later={"a": [1, None]})) == EXAMPLES[kind]


def test_fields_of_an_unlock_that_only_a_later_release_knows_are_ignored() -> None:
    (unlock,) = json.loads(stored("state"))["unlocks"]
    assert records.decode("state", stored("state", unlocks=[{**unlock, "colour": "red"}])) == EXAMPLES["state"]


def test_fields_of_an_event_that_only_a_later_release_knows_are_ignored() -> None:
    text = json.dumps({**json.loads(records.encode_event(EVENT)), "later": 1})
    assert records.decode_event(text, EVENT.door, EVENT.caller) == EVENT


# Garbage

GARBAGE = [
    "",
    " ",
    "null",
    "true",
    "0",
    '"state"',
    "[]",
    "[{}]",
    "{",
    "{}}",
    "{'v': 1}",
    "NaN",
    "\x00",
    "\ufeff{}",
    "\ud800",
    "9" * 5000,
    "[" * 100_000,
    '{"a":' * 100_000,
    '{"v":1,"answer":' + "[" * 100_000,
    "<html>",
]
each_garbage = pytest.mark.parametrize("text", GARBAGE, ids=[ascii(each[:9]) for each in GARBAGE])


@each_kind
@each_garbage
def test_what_is_no_object_is_no_record(kind: str, text: str) -> None:
    assert not readable(lambda: records.decode(kind, text))


@each_garbage
def test_what_is_no_object_is_no_event(text: str) -> None:
    assert not readable(lambda: records.decode_event(text, "front", ""))
    assert records.event_micros(text) is None


NOT_A_TIME: list[Any] = [
    None,
    True,
    False,
    1.0,
    "",
    "2026-11-23T17:00:00Z",
    [],
    {},
    10**18,
    10**300,
    -(10**18),
    float("inf"),
]
NOT_A_COUNT: list[Any] = [None, True, False, 1.0, "1", [], {}]
NOT_A_FLAG: list[Any] = [None, 0, 1, "", "true", [], {}]
OPTIONAL_TIMES = ("ended_at", "held_until", "decided_at")
NOT_A_TEXT: list[Any] = [None, True, 0, 1.5, [], {}, ["a"]]
NOT_A_STATE: list[Any] = [None, True, 0, "", "RELEASED", "open", [], {}, ["released"]]
MISTAKES: list[tuple[str, str, Any]] = [
    *[("receipt", "answer", value) for value in NOT_A_TEXT],
    *[("receipt", "given_at", value) for value in NOT_A_TIME],
    *[("visit", "state", value) for value in NOT_A_STATE],
    *[("visit", time, value) for time in OPTIONAL_TIMES for value in NOT_A_TIME if value is not None],
    *[("visit", flag, value) for flag in ("is_asked", "is_confirmed", "heard") for value in NOT_A_FLAG],
    *[("visit", text, value) for text in ("keyed", "by", "tone") for value in NOT_A_TEXT],
    *[("visit", "left_out", value) for value in (None, True, 1, "", {}, [None], [1], ["a", 1], [[]])],
    *[("question", "asked_at", value) for value in NOT_A_TIME],
    *[("question", "rests_until", value) for value in NOT_A_TIME if value is not None],
    *[("question", count, value) for count in ("changed", "shown", "tries") for value in NOT_A_COUNT],
    *[("question", flag, value) for flag in ("is_posting", "is_lost") for value in NOT_A_FLAG],
    *[("notice", "rests_until", value) for value in NOT_A_TIME if value is not None],
    *[("notice", "tries", value) for value in NOT_A_COUNT],
    *[("notice", "claimed", value) for value in NOT_A_FLAG],
    *[("digest", "under_way", {"CA1": value}) for value in (None, 0, 1, "", "true", [], {})],
    *[("digest", "lines", value) for value in (None, True, 1, "", {}, [None], [1], [[]], [{}], ["12:00"])],
    *[("digest", "rests_until", value) for value in NOT_A_TIME],
    *[("report", "week", value) for value in NOT_A_TEXT],
    *[("unverified", "counts", value) for value in (None, True, 1, "", [], [["slack", 1]])],
    *[("unverified", "counts", {"slack": value}) for value in NOT_A_COUNT],
    *[("codes", "codes", value) for value in (None, True, 1, "", {}, [None], [1], [{}], ["FedEx"])],
    *[("doors", "names", {"front": value}) for value in NOT_A_TEXT],
    *[("names", "names", {"U1": value}) for value in NOT_A_TEXT],
    *[("link", "user_id", value) for value in NOT_A_TEXT],
    *[("link", "used_at", value) for value in NOT_A_TIME if value is not None],
    *[("session", field, value) for field in ("began_at", "used_at") for value in NOT_A_TIME],
    *[("doors", "timezones", value) for value in (None, True, 1, "", [])],
    *[("tries", "times", [value]) for value in NOT_A_TIME],
    *[("people", field, [value]) for field in ("grants", "revocations") for value in (None, True, 1, "U1", [], {})],
    *[
        ("people", "grants", [{"who": "U1", "role": role, "by": "U2", "at": 0}])
        for role in (None, 1, 3, "", "ADMIN", "owner", [])
    ],
    *[("tries", "told_at", value) for value in NOT_A_TIME if value is not None],
    *[("state", "unlocks", value) for value in (None, True, 1, "", {}, [None], [1], [[]], [{}], ["U0HOST001"])],
    *[("state", "unlocks", [{"by": "U1", "starts_at": 0, "ends_at": value}]) for value in NOT_A_TIME],
]


@pytest.mark.parametrize(("kind", "field", "value"), MISTAKES)
def test_a_field_of_the_wrong_kind_makes_a_record_unreadable(kind: str, field: str, value: object) -> None:
    assert not readable(lambda: records.decode(kind, stored(kind, **{field: value})))


EVENT_MISTAKES: list[tuple[str, Any]] = [
    *[("time", value) for value in NOT_A_TIME],
    *[("action", value) for value in (None, 1, "", "RING", "explode!", "x" * 41, [])],
    *[("outcome", value) for value in (None, 1, "", "Opened", {})],
    *[("source", value) for value in (None, 1, "", "pigeon post")],
    *[(field, value) for field in ("reason", "actor", "visit") for value in NOT_A_TEXT],
    *[("details", value) for value in (None, 1, "", [], {"a": None}, {"a": 1.5}, {"a": []}, {"a": {}}, {"a": True})],
]


@pytest.mark.parametrize(("field", "value"), EVENT_MISTAKES)
def test_a_field_of_the_wrong_kind_makes_an_event_unreadable(field: str, value: object) -> None:
    text = json.dumps({**json.loads(records.encode_event(EVENT)), field: value})
    assert not readable(lambda: records.decode_event(text, "front", ""))


def test_the_words_of_a_later_release_are_kept() -> None:
    later = {"action": "explode", "outcome": "opened", "source": "pigeon"}
    text = json.dumps({**json.loads(records.encode_event(EVENT)), **later})
    event = records.decode_event(text, "front", "")
    assert (event.action, event.outcome, event.source) == ("explode", "opened", "pigeon")
    assert json.loads(records.encode_event(event)) == json.loads(text)


def test_half_of_a_surrogate_pair_makes_an_event_unreadable() -> None:
    text = records.encode_event(replace(EVENT, reason="\ud800"))
    for each in (text, text.replace("ud800", "uD800")):
        assert not readable(lambda each=each: records.decode_event(each, "front", ""))


def test_an_entry_that_cannot_be_read_is_shown_where_it_was() -> None:
    text = records.encode_event(EVENT)
    rows = [(9, text, ""), (8, text.replace("ring", "r1ng"), "withheld"), (7, "{", ""), (6, text, "")]
    found = records.log_entries("door:front", rows)
    assert [entry.seq for entry in found] == [9, 8, 7, 6]
    assert [entry.event.action for entry in found[1:3]] == ["unreadable", "unreadable"]
    assert {entry.event.time for entry in found} == {EVENT.time}


REQUIRED = [
    ("visit", "id"),
    ("visit", "started_at"),
    ("visit", "state"),
    ("visit", "reason"),
    ("question", "channel"),
    ("question", "asked_at"),
    ("receipt", "answer"),
    ("receipt", "given_at"),
    ("refusals", "since"),
    ("notice", "channel"),
    ("notice", "text"),
    ("notice", "written_at"),
    ("digest", "seen"),
    ("digest", "rests_until"),
    ("report", "week"),
    ("unverified", "since"),
]


@pytest.mark.parametrize(("kind", "field"), REQUIRED)
def test_a_missing_field_makes_a_record_unreadable(kind: str, field: str) -> None:
    known = json.loads(stored(kind))
    del known[field]
    assert not readable(lambda: records.decode(kind, json.dumps(known)))


@pytest.mark.parametrize("field", ["time", "action", "outcome"])
def test_a_missing_field_makes_an_event_unreadable(field: str) -> None:
    known = json.loads(records.encode_event(EVENT))
    del known[field]
    assert not readable(lambda: records.decode_event(json.dumps(known), "front", ""))


@given(st.sampled_from(sorted(EXAMPLES)), JSON)
def test_any_json_is_a_record_or_unreadable(kind: str, value: Any) -> None:
    text = json.dumps(value)
    if readable(lambda: records.decode(kind, text)):
        assert isinstance(value, dict)


@given(st.data(), st.sampled_from(sorted(EXAMPLES)), JSON)
def test_any_value_in_any_field_is_read_exactly_or_not_at_all(data: st.DataObject, kind: str, value: Any) -> None:
    field = data.draw(st.sampled_from([each.name for each in fields(records.KINDS[kind])]))
    text = stored(kind, **{field: value})
    if readable(lambda: records.decode(kind, text)):
        assert as_read(kind, text)[field] == value


@given(st.text(max_size=50))
def test_any_text_is_a_record_or_unreadable(text: str) -> None:
    readable(lambda: records.decode("state", text))
    readable(lambda: records.decode_event(text, "front", ""))
    readable(lambda: records.event_micros(text))


@each_kind
def test_a_record_cut_off_anywhere_is_unreadable(kind: str) -> None:
    text = records.encode(EXAMPLES[kind])
    assert not any(readable(lambda cut=cut: records.decode(kind, text[:cut])) for cut in range(len(text)))  # type: ignore[misc]


def test_what_is_wrong_is_said_in_few_words() -> None:
    with pytest.raises(UnreadableRecord) as caught:
        records.decode("receipt", stored("receipt", answer=["x" * 10_000]))
    assert len(str(caught.value)) < 100


# A stopped clock


@pytest.fixture
def unused_codecs() -> None:
    """As in a process that has not read or written anything yet."""
    codec.encoder.cache_clear()
    codec._decoder.cache_clear()


@pytest.mark.parametrize("kind", EXAMPLES)
def test_records_are_the_same_while_the_clock_is_stopped(kind: str, unused_codecs: None) -> None:
    text = stored(kind)
    with freeze_time("2026-11-23T17:00:00Z"):
        assert records.decode(kind, records.encode(EXAMPLES[kind])) == EXAMPLES[kind]
        assert json.loads(records.encode(records.decode(kind, text))) == json.loads(text)


def test_moments_of_a_stopped_clock_are_stored_like_any_other(unused_codecs: None) -> None:
    with freeze_time("2026-11-23T17:00:00.123456Z"):
        text = records.encode(Receipt("", datetime.now(UTC)))
    assert records.decode("receipt", text) == Receipt("", NOON)


def test_events_are_the_same_while_the_clock_is_stopped(unused_codecs: None) -> None:
    with freeze_time("2026-11-23T17:00:00Z"):
        assert records.decode_event(records.encode_event(EVENT), EVENT.door, EVENT.caller) == EVENT
