"""What `pictures.html` shows: `pictures.view(...)` makes its `pictures`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.domain import picture_sentences as words
from app.domain.doors import Door
from app.domain.hours import WEEKDAYS
from app.domain.pictures import Pictures, Slot, slots, unit
from app.domain.summaries import Tally, median
from app.web import charts

BAR_LEFT, BAR_ROOM = 164, 106  # of a bar in the picture of outcomes
BAR_ROW = 26
SYMBOLS = {
    "released": "check",
    "answered": "phone",
    "turned_away": "cross",
    "denied": "barred",
    "missed": "missed",
    "lost": "unsure",
}
SIDES = (("rings", "waits"), ("hours", "outcomes"))  # as they stand side by side where there is room
TALL_SIDES = (("rings", "waits", "outcomes"), ("hours",))
TALL = 12  # hours of the day
PROBLEMS = ("missed", "lost")


@dataclass(frozen=True)
class Ending:
    """How visits ended: a line of the picture of outcomes."""

    y: int
    symbol: str
    word: str
    count: str
    share: str
    length: float
    is_problem: bool


class Table(NamedTuple):
    """What stands behind a picture; the first cell of each row names it."""

    heads: list[str]
    rows: list[list[str]]


def view(pictures: Pictures, doors: Sequence[Door], now: datetime) -> dict[str, Any]:
    """What the template shows of these doors, which are those that were asked for; the hour is the first one's."""
    timezone = doors[0].hours.timezone if doors else ZoneInfo("UTC")
    shown: dict[str, Any] = {
        "heading": words.heading(doors),
        "days": words.days(pictures.first_day, pictures.last_day),
        "counted": [],
        "problem": words.TOO_MUCH if pictures.is_too_much else words.UNREADABLE if pictures.is_unreadable else "",
    }
    if shown["problem"]:
        return shown
    shown["counted"] = words.counted(pictures, timezone, now)
    if not pictures.days:
        is_known = pictures.as_of is not None and not pictures.behind
        return {**shown, "nobody": words.nobody_rang(pictures.first_day, pictures.last_day) if is_known else ""}
    found = slots(pictures, doors, now.astimezone(timezone).date())
    is_tall = len({hour for _, hour in pictures.by_hour}) > TALL
    return {
        **shown,
        "sides": TALL_SIDES if is_tall else SIDES,
        "rings": _rings(found),
        "waits": _waits(found, pictures.total),
        "hours": _hours(pictures),
        "outcomes": _outcomes(pictures.total),
    }


def _rings(found: Sequence[Slot]) -> dict[str, Any]:
    rows = [[words.slot_named(slot), f"{slot.tally.rings:,}"] for slot in found]
    return {
        "title": f"Rings per {unit(found)}",
        "sentence": words.rings(found),
        "plot": charts.bars(found),
        "legend": [("closed", "closed all day")] if any(slot.is_closed for slot in found) else [],
        "table": Table([unit(found).capitalize(), "Rings"], rows),
    }


def _waits(found: Sequence[Slot], total: Tally) -> dict[str, Any]:
    overall, medians = median(total.waits), [median(slot.tally.waits) for slot in found]
    rows = [
        [words.slot_named(slot), words.seconds(half), f"{sum(slot.tally.waits.values()):,}"]
        for slot, half in zip(found, medians, strict=True)
        if half is not None
    ]
    shown: dict[str, Any] = {"title": "Median wait for a person", "sentence": words.waits(total)}
    if overall is None:
        return shown
    all_of_them = ["All of them", words.seconds(overall), f"{sum(total.waits.values()):,}"]
    return {
        **shown,
        "plot": charts.dots(found, medians, overall),
        "legend": [("overall", f"median of all: {words.seconds(overall)}")],
        "table": Table([unit(found).capitalize(), "Median wait", "Answers"], [*rows, all_of_them]),
        "note": words.EXACTNESS,
    }


def _hours(pictures: Pictures) -> dict[str, Any]:
    by_hour = pictures.by_hour
    drawn = charts.grid(by_hour)
    hours = range(min(hour for _, hour in by_hour), max(hour for _, hour in by_hour) + 1)
    rows = [[f"{hour:02}:00", *(f"{by_hour.get((day, hour), 0):,}" for day in range(7))] for hour in hours]
    return {
        "title": "Rings by hour of the week",
        "sentence": words.hours(pictures),
        "grid": drawn,
        "table": Table(["From", *(day[:3] for day in WEEKDAYS)], rows),
    }


def _outcomes(total: Tally) -> dict[str, Any]:
    counts = {name: total.ends[name] for name in words.CONCLUSIONS if total.ends[name] > 0}
    named = [(SYMBOLS[name], words.CONCLUSIONS[name], count, name in PROBLEMS) for name, count in counts.items()]
    if (under_way := total.rings - sum(counts.values())) > 0:
        named.append(("wait", words.UNDER_WAY, under_way, False))
    most = max(count for _, _, count, _ in named)
    endings = [
        Ending(
            *(number * BAR_ROW, symbol, word, f"{count:,}", words.percent(count, total.rings)),
            *(charts.share(count, most, BAR_ROOM), is_problem),
        )
        for number, (symbol, word, count, is_problem) in enumerate(named)
    ]
    return {
        "title": "How visits ended",
        "sentence": words.outcomes(total),
        "endings": endings,
        "left": BAR_LEFT,
        "width": charts.WIDTH,
        "height": BAR_ROW * len(endings),
        "table": Table(["Outcome", "Visits", "Share"], [[each.word, each.count, each.share] for each in endings]),
    }
