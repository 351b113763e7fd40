"""When a door releases by itself: the edges by hand, and all time zones against a slow scan of the wall clock."""

import zoneinfo
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.hours import Hours, Period, Window, parse_weekly
from app.domain.schedules import DoorSchedules, Schedule, SpecialDay, applied, describe_days, special_hours
from app.domain.timetable import Timetable, ever_releases, lies_within, outlook, suspension
from tests.support import HOST, a_door, local

MICROSECOND, MINUTE, DAY = timedelta(microseconds=1), timedelta(minutes=1), timedelta(days=1)
MONDAY = "2026-11-23"
NOON = local(f"{MONDAY}T12:00")
WORKDAYS = (0, 1, 2, 3, 4)
THANKSGIVING = {date(2026, 11, 26): "Thanksgiving Day"}


def lunch(start: int = 11 * 60, end: int = 14 * 60, **changes: object) -> Schedule:
    schedule = Schedule(1, WORKDAYS, start, end, HOST, NOON, "lunch")
    return replace(schedule, **changes)  # type: ignore[arg-type]


def special(day: str, start: int, end: int, *, is_open: bool, asks_only: bool = False) -> SpecialDay:
    return SpecialDay(day, start, end, is_open, HOST, NOON, asks_only)


def table(*schedules: Schedule, special_days: tuple[SpecialDay, ...] = (), **changes: object) -> Timetable:
    planned = replace(DoorSchedules(schedules, special_days), **changes)  # type: ignore[arg-type]
    return Timetable(planned, applied(a_door(holidays=THANKSGIVING), planned).hours)


def releases(timetable: Timetable, now: str) -> bool:
    return timetable.at(local(now)) is not None


@pytest.mark.parametrize(
    ("clock", "is_released"),
    [("10:59:59.999999", False), ("11:00", True), ("13:59:59.999999", True), ("14:00", False)],
)
def test_a_schedule_releases_from_its_start_until_just_before_its_end(clock: str, is_released: bool) -> None:
    assert releases(table(lunch()), f"{MONDAY}T{clock}") is is_released


@pytest.mark.parametrize(
    ("clock", "is_released"), [("08:59:59.999999", False), ("09:00", True), ("16:59:59.999999", True), ("17:00", False)]
)
def test_it_counts_inside_working_hours_only(clock: str, is_released: bool) -> None:
    assert releases(table(lunch(0, 1440)), f"{MONDAY}T{clock}") is is_released


def test_it_never_counts_on_a_holiday_also_where_that_is_opened() -> None:
    opened = special("2026-11-26", 600, 960, is_open=True, asks_only=True)
    for days in ((), (opened,)):
        timetable = table(lunch(), special_days=days)
        assert [releases(timetable, f"2026-11-{day}T12:00") for day in (25, 26, 27, 28)] == [True, False, True, False]


@pytest.mark.parametrize(
    ("day", "is_released"), [("2026-11-30", False), ("2026-12-01", True), ("2026-12-23", True), ("2026-12-24", False)]
)
def test_it_counts_from_its_first_date_until_its_last_both_included(day: str, is_released: bool) -> None:
    assert releases(table(lunch(first="2026-12-01", last="2026-12-23")), f"{day}T12:00") is is_released


def test_the_last_date_of_an_overnight_window_is_the_one_on_which_it_begins() -> None:
    schedule = Schedule(1, tuple(range(7)), 22 * 60, 2 * 60, HOST, NOON, last="2026-11-23")
    hours = Hours(ZoneInfo("America/New_York"), parse_weekly({"mon-sun": "00:00-24:00"}), {})
    timetable = Timetable(DoorSchedules((schedule,)), hours)
    clocks = ("2026-11-23T01:59", "2026-11-24T01:59:59", "2026-11-24T02:00", "2026-11-24T22:30")
    assert [releases(timetable, clock) for clock in clocks] == [True, True, False, False]


def test_a_window_over_midnight_does_not_begin_on_a_holiday_but_ends_on_one() -> None:
    schedule = Schedule(1, tuple(range(7)), 22 * 60, 2 * 60, HOST, NOON)
    hours = Hours(ZoneInfo("America/New_York"), parse_weekly({"mon-sun": "00:00-24:00"}), {})
    whole = replace(hours, holidays={date(2026, 11, 25): "a day off"})
    timetable = Timetable(DoorSchedules((schedule,)), whole)
    # Hours that end at midnight don't reach into the holiday, so nothing releases in it.
    assert not releases(timetable, "2026-11-25T01:00")
    late = Hours(ZoneInfo("America/New_York"), parse_weekly({"mon-sun": "20:00-04:00"}), whole.holidays)
    overnight = Timetable(DoorSchedules((schedule,)), late)
    clocks = ("2026-11-24T23:00", "2026-11-25T01:59", "2026-11-25T23:00", "2026-11-26T01:00", "2026-11-26T23:00")
    assert [releases(overnight, clock) for clock in clocks] == [True, True, False, False, True]


@pytest.mark.parametrize("which", ["one", "all"])
def test_a_pause_ends_at_local_midnight(which: str) -> None:
    until = local("2026-11-25T00:00")
    pauses = {"paused_until": until}
    timetable = table(lunch(**pauses)) if which == "one" else table(lunch(), **pauses)
    assert [releases(timetable, f"2026-11-{day}T12:00") for day in (23, 24, 25)] == [False, False, True]


def test_a_pause_of_one_leaves_the_others() -> None:
    timetable = table(lunch(paused_until=local("2026-11-25T00:00")), lunch(13 * 60, 15 * 60, number=2))
    assert [releases(timetable, f"{MONDAY}T{clock}") for clock in ("12:00", "13:00", "14:59")] == [False, True, True]


def test_a_lock_suspends_the_whole_window_that_is_open_and_no_other() -> None:
    planned = DoorSchedules((lunch(), lunch(13 * 60, 15 * 60, number=2), lunch(16 * 60, 17 * 60, number=3)))
    until = suspension(a_door(), planned, NOON)
    assert until == local(f"{MONDAY}T15:00")
    suspended = table(*planned.schedules, suspended_until=until)
    clocks = ("12:00", "14:59:59.999999", "15:00", "16:00")
    assert [releases(suspended, f"{MONDAY}T{clock}") for clock in clocks] == [False, False, False, True]
    assert releases(suspended, "2026-11-24T11:00")


def test_where_nothing_is_open_a_lock_suspends_nothing() -> None:
    assert suspension(a_door(), DoorSchedules((lunch(),)), local(f"{MONDAY}T10:59:59")) is None
    assert suspension(a_door(), DoorSchedules(), NOON) is None


def test_a_window_that_never_ends_is_suspended_for_a_day() -> None:
    door = a_door("00:00-24:00", days="mon-sun")
    planned = DoorSchedules((Schedule(1, tuple(range(7)), 0, 1440, HOST, NOON),))
    until = suspension(door, planned, NOON)
    assert until == NOON + DAY
    found = outlook(door, replace(planned, suspended_until=until), NOON)
    assert (found.releasing_until, found.suspended_until, found.next_release) == (None, until, until)


@pytest.mark.parametrize(
    ("now", "until", "following"),
    [
        (f"{MONDAY}T10:59:59.999999", None, f"{MONDAY}T11:00"),
        (f"{MONDAY}T11:00", f"{MONDAY}T14:00", "2026-11-24T11:00"),
        ("2026-11-25T14:00", None, "2026-11-27T11:00"),
        ("2026-11-27T13:59", "2026-11-27T14:00", "2026-11-30T11:00"),
    ],
)
def test_what_is_in_force_and_next_can_always_be_told(now: str, until: str | None, following: str) -> None:
    timetable = table(lunch())
    found = outlook(a_door(holidays=THANKSGIVING), timetable.planned, local(now))
    assert found.releasing_until == (local(until) if until else None)
    assert found.next_release == local(following)
    assert found.schedule == ("lunch" if until else "")


def test_after_its_last_date_nothing_is_next() -> None:
    found = outlook(a_door(), DoorSchedules((lunch(last=MONDAY),)), NOON)
    assert (found.releasing_until, found.next_release) == (local(f"{MONDAY}T14:00"), None)


def test_what_begins_a_day_later_may_yet_be_next() -> None:
    door = a_door("00:00-24:00", days="mon-sun")
    night = lunch(22 * 60, 10 * 60, paused_until=local("2026-11-24T08:00"))
    planned = DoorSchedules((night, lunch(7 * 60, 7 * 60 + 30, number=2)))
    assert outlook(door, planned, local(f"{MONDAY}T23:00")).next_release == local("2026-11-24T07:00")


def test_where_clocks_went_back_over_midnight_the_new_day_has_begun() -> None:
    zone = "America/St_Johns"  # on 7 November 2010, from 00:01 to 23:01
    door = a_door("00:00-24:00", zone, "mon-sun")
    schedule = Schedule(1, (6,), 0, 60, HOST, NOON)
    again = datetime(2010, 11, 7, 2, 45, tzinfo=UTC)
    assert f"{again.astimezone(ZoneInfo(zone)):%a %H:%M}" == "Sat 23:15"
    assert Timetable(DoorSchedules((schedule,)), door.hours).at(again) is schedule


# Special days

SATURDAY = "2026-12-12"


@pytest.mark.parametrize("asks_only", [False, True])
@pytest.mark.parametrize(
    ("clock", "is_open"), [("09:59:59.999999", False), ("10:00", True), ("15:59:59.999999", True), ("16:00", False)]
)
def test_an_opened_day_has_working_hours_and_releases_unless_it_only_asks(
    asks_only: bool, clock: str, is_open: bool
) -> None:
    timetable = table(special_days=(special(SATURDAY, 600, 960, is_open=True, asks_only=asks_only),))
    now = local(f"{SATURDAY}T{clock}")
    assert timetable.hours.is_open(now) is is_open
    assert (timetable.at(now) is not None) is (is_open and not asks_only)
    assert not timetable.hours.is_open(now + 7 * DAY)


@pytest.mark.parametrize(
    ("clock", "is_open"), [("11:59:59.999999", True), ("12:00", False), ("13:30", False), ("23:59", False)]
)
def test_a_day_closed_from_noon_takes_the_rest_of_its_schedule_too(clock: str, is_open: bool) -> None:
    timetable = table(lunch(), special_days=(special("2026-11-24", 720, 1440, is_open=False),))
    now = local(f"2026-11-24T{clock}")
    assert (timetable.hours.is_open(now), timetable.at(now) is not None) == (is_open, is_open)
    assert timetable.period_at(local("2026-11-24T11:00")) == Period(
        local("2026-11-24T11:00"), local("2026-11-24T12:00")
    )


def test_what_is_closed_in_the_middle_of_the_day_opens_again() -> None:
    timetable = table(special_days=(special(MONDAY, 720, 840, is_open=False),))
    hours = timetable.hours
    assert hours.period_at(NOON - MICROSECOND) == Period(local(f"{MONDAY}T09:00"), NOON)
    assert hours.next_opening(NOON) == local(f"{MONDAY}T14:00")
    assert hours.closing(date(2026, 11, 23)) == local(f"{MONDAY}T17:00")
    assert hours.why_closed(NOON).name == "closed 12:00–14:00"


def test_closed_beats_open() -> None:
    days = (special(SATURDAY, 600, 960, is_open=True), special(SATURDAY, 720, 780, is_open=False))
    for given_days in (days, days[::-1]):
        timetable = table(special_days=given_days)
        assert [releases(timetable, f"{SATURDAY}T{clock}") for clock in ("11:59", "12:00", "13:00")] == [
            True,
            False,
            True,
        ]


def test_a_day_closed_until_midnight_takes_the_night_that_begins_on_it_and_not_the_one_before() -> None:
    night = Hours(ZoneInfo("America/New_York"), parse_weekly({"mon-sun": "22:00-02:00"}), {})
    hours = replace(night, specials=special_hours([special("2026-11-24", 0, 1440, is_open=False)]))
    clocks = ("2026-11-23T23:00", "2026-11-24T00:30", "2026-11-24T23:00", "2026-11-25T00:30", "2026-11-25T23:00")
    assert [hours.is_open(local(clock)) for clock in clocks] == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("end", "clock", "words"),
    [
        (1440, "2026-11-25T01:00", "closed from 23:00"),
        (180, "2026-11-25T02:59", "closed 23:00–03:00"),
        (1440, "2026-11-25T07:00", "07:00"),
        (1440, "2026-11-24T21:00", "21:00"),
    ],
)
def test_after_midnight_it_is_told_that_the_night_is_closed(end: int, clock: str, words: str) -> None:
    night = Hours(ZoneInfo("America/New_York"), parse_weekly({"mon-sun": "22:00-06:00"}), {})
    hours = replace(night, specials=special_hours([special("2026-11-24", 1380, end, is_open=False)]))
    assert not hours.is_open(local(clock))
    assert hours.why_closed(local(clock)).name == words


def test_a_night_that_is_interrupted_goes_on() -> None:
    night = Hours(ZoneInfo("America/New_York"), parse_weekly({"mon-sun": "22:00-06:00"}), {})
    hours = replace(night, specials=special_hours([special("2026-11-24", 60, 180, is_open=False)]))
    assert hours.next_opening(local("2026-11-24T02:00")) == local("2026-11-24T03:00")


@pytest.mark.parametrize("opened", [(), (special("2026-11-27", 1320, 120, is_open=True),)], ids=["schedule", "opened"])
def test_where_the_next_day_is_open_from_midnight_a_closed_night_does_not_go_on_then(
    opened: tuple[SpecialDay, ...],
) -> None:
    always = a_door("00:00-24:00", days="mon-sun")
    planned = DoorSchedules(() if opened else (lunch(1320, 120),), opened)
    assert releases(Timetable(planned, applied(always, planned).hours), "2026-11-28T01:00")
    planned = replace(planned, special_days=(*opened, special("2026-11-27", 1200, 1440, is_open=False)))
    door = applied(always, planned)
    assert not releases(Timetable(planned, door.hours), "2026-11-28T01:00")
    following = outlook(door, planned, local("2026-11-27T21:00")).next_release
    assert following == (None if opened else local("2026-11-30T22:00"))


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ((0, 1440), "closed all day"),
        ((720, 1440), "closed from 12:00"),
        ((0, 720), "closed until 12:00"),
        ((720, 840), "closed 12:00–14:00"),
    ],
)
def test_why_it_is_closed_is_told(window: tuple[int, int], words: str) -> None:
    hours = table(special_days=(special(MONDAY, *window, is_open=False),)).hours
    now = local(f"{MONDAY}T{'11:00' if window[0] == 0 else '13:00'}")
    assert hours.why_closed(now).name == words


def test_a_door_without_special_days_is_the_same_door() -> None:
    door = a_door()
    assert applied(door, DoorSchedules((lunch(),))) is door
    special_door = applied(door, DoorSchedules(special_days=(special(MONDAY, 0, 1440, is_open=False),)))
    assert not special_door.hours.is_open(NOON)
    assert applied(special_door, DoorSchedules()).hours.is_open(NOON)


# Whether it can release anything


@pytest.mark.parametrize(
    ("schedule", "ever", "within"),
    [
        (lunch(), True, True),
        (lunch(8 * 60, 10 * 60), True, False),
        (lunch(17 * 60, 18 * 60), False, False),
        (lunch(days=(5, 6)), False, False),
        (lunch(days=(4, 5)), True, False),
        (lunch(22 * 60, 10 * 60), True, False),
        (lunch(first="2026-11-26", last="2026-11-26"), False, True),
        (lunch(last=MONDAY), True, True),
        (lunch(first="2029-01-01"), True, True),
    ],
)
def test_a_schedule_that_could_never_release_is_known(schedule: Schedule, ever: bool, within: bool) -> None:
    hours = a_door(holidays=THANKSGIVING).hours
    assert (ever_releases(schedule, hours, NOON), lies_within(schedule, hours)) == (ever, within)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((0, 1, 2, 3, 4), "Mon–Fri"),
        (tuple(range(7)), "every day"),
        ((0, 2, 4), "Mon, Wed, Fri"),
        ((0, 5, 6), "Mon, Sat, Sun"),
        ((2,), "Wed"),
        ((0, 1, 2, 5), "Mon–Wed, Sat"),
    ],
)
def test_weekdays_are_described(days: tuple[int, ...], words: str) -> None:
    assert describe_days(days) == words


# All time zones: a scan in steps of which every clock change and every edge that is drawn is a multiple

REACH, STEP = timedelta(days=4), timedelta(minutes=15)
ZONES = sorted(zoneinfo.available_timezones())


@lru_cache(maxsize=128)
def changes_of(zone: str) -> list[datetime]:
    """The hours (UTC) around which this zone's clocks change in some recent or coming year, and an ordinary one."""
    tz, found = ZoneInfo(zone), [datetime(2027, 3, 3, 12, tzinfo=UTC)]
    hour = datetime(2026, 1, 1, tzinfo=UTC)
    while hour.year < 2028:
        if hour.astimezone(tz).utcoffset() != (hour + DAY).astimezone(tz).utcoffset():
            found.append(hour + DAY / 2)
        hour += DAY
    return found


@lru_cache(maxsize=128)
def walls(zone: str, middle: datetime) -> list[datetime]:
    """For each step around `middle` the latest wall clock, without its zone, that was reached until then."""
    tz, reached = ZoneInfo(zone), datetime.min  # noqa: DTZ901
    found = []
    for number in range(-(REACH // STEP), REACH // STEP):
        reached = max(reached, (middle + number * STEP).astimezone(tz).replace(tzinfo=None))
        found.append(reached)
    return found


def is_in(wall: datetime, day: date, window: Window) -> bool:
    midnight = datetime.combine(day, time.min)
    end = window.end if window.end > window.start else window.end + 1440
    return midnight + window.start * MINUTE <= wall < midnight + end * MINUTE


@dataclass(frozen=True)
class Slow:
    """The rules once more, naively, for a wall clock."""

    hours: Hours
    planned: DoorSchedules

    def is_open(self, wall: datetime) -> bool:
        specials = self.planned.special_days
        days = [wall.date(), wall.date() - DAY, wall.date() - 2 * DAY]
        if any(not each.is_open and is_in(wall, date.fromisoformat(each.date), each.window) for each in specials):
            return False
        return any(self._opens(wall, day) for day in days)

    def _opens(self, wall: datetime, day: date) -> bool:
        """Whether something that begins on this day is open now."""
        windows = [] if day in self.hours.holidays else list(self.hours.weekly[day.weekday()])
        on_day = [each for each in self.planned.special_days if each.date == day.isoformat()]
        windows += [each.window for each in on_day if each.is_open]
        return not self._is_rest_closed(wall, day) and any(is_in(wall, day, window) for window in windows)

    def _is_rest_closed(self, wall: datetime, day: date) -> bool:
        """Whether this day was closed until its midnight, and has been since."""
        on_day = (each for each in self.planned.special_days if each.date == day.isoformat() and not each.is_open)
        return any(wall >= datetime.combine(day, time(0)) + each.start * MINUTE for each in on_day if each.end == 1440)

    def releases(self, wall: datetime, now: datetime) -> bool:
        planned = self.planned
        pauses = [planned.paused_until, planned.suspended_until]
        if any(pause and now < pause for pause in pauses) or not self.is_open(wall):
            return False
        days = [wall.date(), wall.date() - DAY, wall.date() - 2 * DAY]
        for day in (day for day in days if not self._is_rest_closed(wall, day)):
            for each in planned.special_days:
                if each.releases and each.date == day.isoformat() and is_in(wall, day, each.window):
                    return True
            for schedule in planned.schedules:
                counts = schedule.first <= day.isoformat() <= (schedule.last or "9999")
                paused = schedule.paused_until and now < schedule.paused_until
                applies = day.weekday() in schedule.days and counts and day not in self.hours.holidays
                if applies and not paused and is_in(wall, day, schedule.window):
                    return True
        return False


@st.composite
def plans(draw: st.DrawFn) -> tuple[Timetable, Slow, datetime]:
    zone = draw(st.sampled_from(ZONES))
    middle = draw(st.sampled_from(changes_of(zone)))
    days = st.integers(-3, 3).map(lambda away: (middle + away * DAY).date())
    minutes = st.integers(0, 95).map(lambda quarter: quarter * 15)
    windows = st.tuples(minutes, st.integers(1, 96).map(lambda quarter: quarter * 15)).filter(
        lambda ends: ends[0] != ends[1]
    )
    moments = st.none() | st.integers(-72, 72).map(lambda hours: middle + timedelta(hours=hours, minutes=30))
    some_days = st.sets(st.integers(0, 6), min_size=1).map(lambda found: tuple(sorted(found)))
    optional_day = st.just("") | days.map(date.isoformat)
    schedules = st.builds(
        lambda on, window, first, last, paused: Schedule(1, on, *window, HOST, NOON, "", first, last, paused),
        *(some_days, windows, optional_day, optional_day, moments),
    )
    special_days = st.builds(
        lambda day, window, is_open, asks: SpecialDay(day.isoformat(), *window, is_open, HOST, NOON, asks),
        *(days, windows | st.just((0, 1440)) | st.just((720, 1440)), st.booleans(), st.booleans()),
    )
    planned = DoorSchedules(
        tuple(replace(each, number=at) for at, each in enumerate(draw(st.lists(schedules, max_size=3)))),
        tuple(draw(st.lists(special_days, max_size=4))),
        draw(moments),
        draw(moments),
    )
    weekly = tuple((Window(*draw(windows)),) if draw(st.booleans()) else () for _ in range(7))
    wide = draw(st.booleans())  # otherwise little would lie within the working hours
    holidays = {draw(days): "a day off"} if draw(st.booleans()) else {}
    hours = Hours(ZoneInfo(zone), ((Window(0, 1440),),) * 7 if wide else weekly, holidays)
    special = replace(hours, specials=special_hours(planned.special_days))
    return Timetable(planned, special), Slow(hours, planned), middle


@settings(max_examples=150, deadline=None)
@given(plans(), st.lists(st.integers(-2 * 1440, 2 * 1440), min_size=1, max_size=12))
def test_every_zone_agrees_with_a_slow_scan(case: tuple[Timetable, Slow, datetime], offsets: list[int]) -> None:
    timetable, slow, middle = case
    found, began = walls(timetable.hours.timezone.key, middle), middle - REACH
    open_at = bytes(slow.is_open(wall) for wall in found)
    releasing = bytes(slow.releases(wall, began + number * STEP) for number, wall in enumerate(found))
    for now in (middle + offset * MINUTE for offset in offsets):
        number = (now - began) // STEP
        assert timetable.hours.is_open(now) is bool(open_at[number])
        assert (timetable.at(now) is not None) is bool(releasing[number])
        assert timetable.period_at(now) == around(releasing, number, began, timetable.period_at(now))
        following = releasing.find(b"\0\1", number)
        if following >= 0:
            assert timetable.next_start(now) == began + (following + 1) * STEP
        else:
            assert (timetable.next_start(now) or began + 2 * REACH) >= began + 2 * REACH


def around(steps: bytes, number: int, began: datetime, found: Period | None) -> Period | None:
    """The period of the scan around a step; what reaches beyond the scan is taken as it was found."""
    if not steps[number]:
        return None
    start, end = steps.rfind(0, 0, number) + 1, steps.find(0, number)
    if start == 0 or end < 0:
        return found
    return Period(began + start * STEP, began + end * STEP)
