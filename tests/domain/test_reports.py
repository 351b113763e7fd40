"""A week of a door as figures: what they cover, and what they count."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.audit import Action, AuditEvent, LogEntry, Outcome, Source
from app.domain.digests import Conclusion
from app.domain.doors import Door
from app.domain.hours import Hours, parse_weekly
from app.domain.notices import Button
from app.domain.report_sentences import buttons, picture, sentence
from app.domain.reports import Report, first_opening, is_same_day, last_seven_days, last_week, report
from tests.support import HOST, TELEPHONE, a_door, local

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
NOON = local("2026-11-23T12:00")
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ANSWERING = timedelta(seconds=40)


def event(action: Action, outcome: Outcome, at: datetime, visit: str, reason: str = "", actor: str = "") -> AuditEvent:
    return AuditEvent(at, "front", action, outcome, reason, actor, Source.VOICE, visit)


def visit(at: datetime, action: Action, outcome: Outcome, seconds: float, reason: str = "") -> list[AuditEvent]:
    """A visit that hosts are asked about, and how it ends."""
    call = f"CA{at.isoformat()}{action}"
    return [
        event(Action.RING, Outcome.ASKED, at, call, "locked"),
        event(action, outcome, at + seconds * SECOND, call, reason, HOST),
    ]


def released(at: datetime, by: str = "unlock") -> list[AuditEvent]:
    return [event(Action.RING, Outcome.RELEASED, at, f"CA{at.isoformat()}{by}", by, HOST)]


def forwarded(at: datetime, action: Action, outcome: Outcome, seconds: float, reason: str = "") -> list[AuditEvent]:
    ring, end = visit(at, action, outcome, seconds, reason)
    return [ring, event(Action.FORWARD, Outcome.FORWARDED, at + 25 * SECOND, ring.visit, "nobody_answered"), end]


def log(*parts: Iterable[AuditEvent]) -> list[LogEntry]:
    """Newest first, as the store gives them."""
    events = sorted((each for part in parts for each in part), key=lambda each: each.time)
    return [LogEntry(seq, each) for seq, each in enumerate(events, 1)][::-1]


LONG_AGO = [event(Action.UNLOCK, Outcome.DONE, NOON - 40 * DAY, "")]  # the record goes back so far


def made(*parts: Iterable[AuditEvent], now: datetime = NOON, door: Door | None = None, **more: Any) -> Report:
    door = door or a_door()
    return report(door, log(LONG_AGO, *parts), last_seven_days(now, door.hours.timezone), ANSWERING, **more)


# What is counted


def test_every_figure() -> None:
    at = NOON - DAY
    found = made(
        released(at),
        released(at + MINUTE),
        released(at + 2 * MINUTE, "schedule"),
        visit(at + HOUR, Action.ADMIT, Outcome.RELEASED, 4, "host"),
        visit(at + 2 * HOUR, Action.USE_CODE, Outcome.RELEASED, 9, "code"),
        visit(at + 3 * HOUR, Action.TURN_AWAY, Outcome.DENIED, 6),
        visit(at + 4 * HOUR, Action.END, Outcome.HUNG_UP, 20),
        forwarded(at + 5 * HOUR, Action.FORWARD, Outcome.ANSWERED, 44),
        forwarded(at + 6 * HOUR, Action.ADMIT, Outcome.RELEASED, 31, "telephone"),
        forwarded(at + 7 * HOUR, Action.FORWARD, Outcome.UNANSWERED, 55, "no-answer"),
        visit(at + 8 * HOUR, Action.END, Outcome.LOST, 600),
        [event(Action.RING, Outcome.DENIED, at, "CAx", "closed")],
        [event(Action.RING, Outcome.DENIED, at, "CAy", "not_an_intercom")],
        [event(Action.RING, Outcome.ASKED, NOON - SECOND, "CAz", "locked")],
        [event(Action.UNLOCK, Outcome.DONE, at, ""), event(Action.TELL, Outcome.REFUSED, at, "")],
    )
    week = found.week
    assert week.rings == 13
    assert week.ends == {
        Conclusion.RELEASED: 6,
        Conclusion.ANSWERED: 1,
        Conclusion.TURNED_AWAY: 1,
        Conclusion.MISSED: 2,
        Conclusion.LOST: 1,
        Conclusion.DENIED: 1,
    }
    assert week.released_by == {"unlock": 2, "schedule": 1, "host": 1, "code": 1, "telephone": 1}
    assert (week.forwarded, week.taken, week.needed_nobody) == (3, 2, 4)
    assert week.seconds == (6 + 31) / 2  # of 4, 6, 31 and 44
    assert week.hours == {11: 1, 12: 4, 13: 1, 14: 1, 15: 1, 16: 1, 17: 1, 18: 1, 19: 1, 20: 1}
    assert found.saved == 4 * ANSWERING


def test_the_median_is_that_of_people_and_none_where_none_answered() -> None:
    assert made(released(NOON - DAY)).week.seconds is None
    answers = (visit(NOON - DAY + each * MINUTE, Action.ADMIT, Outcome.RELEASED, each, "host") for each in (1, 2, 90))
    assert made(*answers).week.seconds == 2


def test_each_ring_belongs_to_one_week_by_when_it_rang() -> None:
    start = NOON - 7 * DAY
    found = made(
        released(start - 7 * DAY - SECOND),
        released(start - 7 * DAY),
        visit(start - SECOND, Action.ADMIT, Outcome.RELEASED, 5, "host"),
        released(start),
        released(NOON - SECOND),
        released(NOON),
    )
    assert found.before is not None
    assert (found.before.rings, found.week.rings) == (2, 2)
    assert found.before.released_by == {"unlock": 1, "host": 1}


def test_a_ring_that_was_recorded_late_counts_when_it_rang() -> None:
    rang_at = NOON - 7 * DAY - MINUTE
    late = AuditEvent(
        NOON - 7 * DAY + MINUTE, "front", Action.RING, Outcome.FORWARDED, "fault", source=Source.VOICE, visit="CA1"
    )
    found = made([AuditEvent(late.time, *_fields(late), details={"rang_at": rang_at.isoformat()})])
    assert found.before is not None
    assert (found.before.rings, found.week.rings) == (1, 0)


def _fields(each: AuditEvent) -> Sequence[Any]:
    return each.door, each.action, each.outcome, each.reason, each.actor, each.source, each.visit, each.caller


def test_hours_are_the_doors_own() -> None:
    door = a_door(zone="Europe/Berlin")
    assert made(released(NOON - DAY), door=door).week.hours == {18: 1}


def test_a_suggestion_comes_with_the_report() -> None:
    rings = [
        each
        for week in range(4)
        for day in range(1, 6)
        for clock in ("11:12", "12:30", "13:48")
        for each in released(local(f"{date(2026, 11, 22) - timedelta(weeks=week, days=7 - day)}T{clock}"))
    ]
    found = made(rings)
    assert str(found.suggestion) == "mon-fri 11:10-13:50"
    assert buttons(found) == (Button("add_schedule", "front mon-fri 11:10-13:50", "Add as schedule"),)
    assert sentence(found, NOON).endswith(
        "Most rings of the last four weeks came Mon–Fri 11:10–13:50. "
        "`/frontdoor schedule front add mon-fri 11:10-13:50` releases them by itself."
    )
    assert buttons(made(rings, planned=[found.suggestion])) == ()


# What is covered


@pytest.mark.parametrize("clock", ["00:00", "01:30", "02:30", "12:00", "23:59"])
@pytest.mark.parametrize("day", ["2026-11-05", "2027-03-17"])  # a clock change lies in the week before
def test_seven_days_are_seven_days_by_the_wall_clock(day: str, clock: str) -> None:
    now = local(f"{day}T{clock}")
    starts_at = last_seven_days(now, NEW_YORK).starts_at
    assert starts_at == local(f"{date.fromisoformat(day) - 7 * DAY}T{clock}")
    assert now - starts_at != 7 * DAY


@pytest.mark.parametrize(
    ("now", "starts", "ends"),
    [
        ("2026-11-23T00:00", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("2026-11-23T09:00", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("2026-11-29T23:59", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("2026-11-02T09:00", "2026-10-26T00:00", "2026-11-02T00:00"),  # 169 hours
        ("2027-03-15T09:00", "2027-03-08T00:00", "2027-03-15T00:00"),  # 167 hours
    ],
)
def test_last_week_is_from_monday_to_sunday(now: str, starts: str, ends: str) -> None:
    found = last_week(local(now), NEW_YORK)
    assert (found.starts_at, found.ends_at) == (local(starts), local(ends))


def test_weeks_follow_each_other_without_a_gap() -> None:
    found = [last_week(local("2026-10-05T12:00") + timedelta(weeks=week), BERLIN) for week in range(60)]
    assert all(one.ends_at == following.starts_at for one, following in pairwise(found))


@pytest.mark.parametrize(
    ("oldest", "limit", "has_before", "known_since"),
    [
        (NOON - 29 * DAY, 0, True, None),
        (NOON - 14 * DAY, 0, True, None),
        (NOON - 14 * DAY + SECOND, 0, False, None),
        (NOON - 7 * DAY, 0, False, None),
        (NOON - 3 * DAY, 0, False, NOON - 3 * DAY),
        (NOON - 14 * DAY, 500, True, None),
        (NOON - 10 * DAY, 500, False, None),
        (NOON - 3 * DAY, 500, False, NOON - 3 * DAY),
    ],
)
def test_what_is_not_known_is_not_compared(
    oldest: datetime, limit: int, has_before: bool, known_since: datetime | None
) -> None:
    entries = log([event(Action.LOCK, Outcome.DONE, oldest, "")], released(NOON - DAY))
    found = report(a_door(), entries, last_seven_days(NOON, NEW_YORK), ANSWERING, limit=limit)
    assert (found.before is not None, found.known_since) == (has_before, known_since)


def test_nothing_at_all_is_a_report_too() -> None:
    found = report(a_door(), [], last_seven_days(NOON, NEW_YORK), ANSWERING)
    assert (found.week.rings, found.before, found.known_since) == (0, None, None)
    assert sentence(found, NOON) == "Nobody rang at the front door in the last seven days, since Mon 16 Nov 12:00."


# When it is told


def week(**days: str) -> Hours:
    return Hours(NEW_YORK, parse_weekly(days), {date(2026, 11, 23): "Fair", date(2026, 12, 1): "Fair"})


WEEKDAYS = week(**{"mon-fri": "09:00-12:00, 13:00-17:00"})


@pytest.mark.parametrize(
    ("hours", "due", "not_due"),
    [
        (WEEKDAYS, ["2026-11-30T09:00", "2026-11-30T23:59"], ["2026-11-30T08:59", "2026-12-01T09:00"]),
        (WEEKDAYS, ["2026-11-24T09:00", "2026-11-24T18:00"], ["2026-11-23T12:00", "2026-11-24T08:59"]),
        (week(sun="10:00-12:00"), ["2026-11-29T10:00"], ["2026-11-29T09:59", "2026-11-30T00:00", "2026-11-28T12:00"]),
        (week(**{"mon-sun": "00:00-24:00"}), ["2026-11-30T00:00"], ["2026-11-29T23:59", "2026-12-01T00:00"]),
        (week(sun="22:00-02:00", mon="09:00-17:00"), ["2026-11-30T09:00"], ["2026-11-30T01:00"]),
        (week(), [], ["2026-11-30T09:00", "2026-11-30T00:00"]),
    ],
)
def test_it_is_told_when_the_weeks_first_open_day_opens_and_on_that_day_only(
    hours: Hours, due: list[str], not_due: list[str]
) -> None:
    def is_due(text: str) -> bool:
        now = local(text)
        opening = first_opening(hours, now)
        return opening is not None and opening <= now and is_same_day(opening, now, NEW_YORK)

    assert [is_due(each) for each in due] == [True] * len(due)
    assert [is_due(each) for each in not_due] == [False] * len(not_due)


# Its words


def test_a_full_report_in_words() -> None:
    at = local("2026-11-20T11:00")
    found = made(
        released(at),
        released(at + MINUTE),
        released(at + 2 * MINUTE),
        visit(at + HOUR, Action.ADMIT, Outcome.RELEASED, 4, "host"),
        visit(at + 3 * HOUR, Action.TURN_AWAY, Outcome.DENIED, 6),
        forwarded(at + 5 * HOUR, Action.ADMIT, Outcome.RELEASED, 75, "telephone"),
        forwarded(at + 5 * HOUR + MINUTE, Action.FORWARD, Outcome.UNANSWERED, 55, "no-answer"),
        [event(Action.RING, Outcome.ASKED, NOON - SECOND, "CAz", "locked")],
        released(at - 7 * DAY),
        visit(at - 7 * DAY, Action.ADMIT, Outcome.RELEASED, 20, "host"),
        visit(at - 6 * DAY, Action.END, Outcome.HUNG_UP, 20),
    )
    assert sentence(found, NOON).splitlines() == [
        "The front door in the last seven days, since Mon 16 Nov 12:00: 8 rings (3 the week before).",
        "5 released (2 the week before): 3 by an unlock, 1 by a host, 1 by telephone.",
        "1 turned away (0 the week before).",
        "1 missed (1 the week before).",
        "1 not over yet.",
        "The telephones rang for 2 visitors, and 1 of them got an answer.",
        "Half of those who were answered by a person waited 6 s or less (20 s the week before).",
        "Busiest from 11:00 to 12:00, with 4 rings, then 16:00 to 17:00 with 2.",
        "```",
        "▇▇ ▂▂    ▂▂    ▃▃",
        "11 12 13 14 15 16",
        "```",
        "About 2 minutes of answering saved: 3 rings released without anybody answering, at 40 s each.",
    ]


def test_a_small_report_says_no_more_than_there_is() -> None:
    assert sentence(made(released(NOON - HOUR)), NOON).splitlines() == [
        "The front door in the last seven days, since Mon 16 Nov 12:00: 1 ring.",
        "1 released, by an unlock.",
        "Busiest from 11:00 to 12:00, with 1 ring.",
        "```",
        "▇▇",
        "11",
        "```",
        "About 1 minute of answering saved: 1 ring released without anybody answering, at 40 s each.",
    ]


def test_a_moment_saved_is_a_minute() -> None:
    entries = log(LONG_AGO, released(NOON - HOUR))
    found = report(a_door(), entries, last_seven_days(NOON, NEW_YORK), timedelta(seconds=5))
    assert "\nAbout 1 minute of answering saved: 1 ring released without anybody answering, at 5 s each." in sentence(
        found, NOON
    )


def test_a_quiet_week_after_a_busy_one_says_so() -> None:
    assert sentence(made(released(NOON - 8 * DAY)), NOON) == (
        "Nobody rang at the front door in the last seven days, since Mon 16 Nov 12:00 (1 ring the week before)."
    )


@pytest.mark.parametrize(
    ("now", "named"),
    [
        ("2026-11-23T09:00", "last week, Mon 16 to Sun 22 Nov:"),
        ("2026-11-02T09:00", "last week, Mon 26 Oct to Sun 1 Nov:"),
        ("2027-01-04T09:00", "last week, Mon 28 Dec to Sun 3 Jan:"),
    ],
)
def test_last_week_is_named(now: str, named: str) -> None:
    span = last_week(local(now), NEW_YORK)
    found = report(a_door(), log(released(span.starts_at + 12 * HOUR)), span, ANSWERING)
    assert sentence(found, local(now)).startswith(f"The front door {named}")


@pytest.mark.parametrize(
    ("oldest", "limit", "said"),
    [
        (NOON - 3 * DAY, 0, "The record begins Fri 20 Nov 12:00."),
        (NOON - 3 * DAY, 2000, "Only the newest 2,000 entries of the log were read, since Fri 20 Nov 12:00;"),
        (NOON - 9 * DAY, 2000, "Only the newest 2,000 entries of the log were read; older ones aren't counted."),
        (NOON - 9 * DAY, 0, None),
        (NOON - 20 * DAY, 2000, None),
    ],
)
def test_what_was_not_read_is_said(oldest: datetime, limit: int, said: str | None) -> None:
    entries = log([event(Action.LOCK, Outcome.DONE, oldest, "")], released(NOON - DAY))
    text = sentence(report(a_door(), entries, last_seven_days(NOON, NEW_YORK), ANSWERING, limit=limit), NOON)
    assert said in text if said else not {"record", "entries"} & {*text.split()}


def test_other_ends_are_told_in_words_too() -> None:
    at = NOON - DAY
    text = sentence(
        made([event(Action.RING, Outcome.DENIED, at, "CA1", "closed")], visit(at, Action.END, Outcome.LOST, 600)), NOON
    )
    assert "\n0 released.\n1 told that it is closed.\n1 whose end is unknown.\n" in text
    assert "saved" not in text
    assert "telephones" not in text


def test_nobody_is_named() -> None:
    at = NOON - DAY
    answered = event(Action.FORWARD, Outcome.ANSWERED, at + MINUTE, "CA1", "", TELEPHONE)
    text = sentence(made([event(Action.RING, Outcome.FORWARDED, at, "CA1", "locked"), answered], released(at)), NOON)
    assert HOST not in text
    assert TELEPHONE not in text


@pytest.mark.parametrize(
    ("hours", "drawn"),
    [
        ({11: 1}, "▇▇\n11"),
        ({9: 1, 11: 100}, "▁▁    ▇▇\n09 10 11"),
        ({9: 20, 10: 21, 11: 40, 12: 60, 13: 80, 14: 100}, "▁▁ ▂▂ ▂▂ ▃▃ ▅▅ ▇▇\n09 10 11 12 13 14"),
        ({0: 1, 11: 1}, "▇▇" + " " * 31 + "▇▇\n00 01 02 03 04 05 06 07 08 09 10 11"),
        ({7: 1, 8: 5, 20: 3}, " ▁▇           ▃\n06 09 12 15 18"),
        ({0: 1, 23: 1}, "▇" + " " * 22 + "▇\n00 03 06 09 12 15 18 21"),
    ],
)
def test_the_picture(hours: dict[int, int], drawn: str) -> None:
    assert picture(hours) == drawn
