"""Where things stand in a picture: numbers in, coordinates out. A picture is 360 units wide, as a phone is."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import NamedTuple

from app.domain.hours import WEEKDAYS
from app.domain.picture_sentences import seconds, slot_named
from app.domain.pictures import Slot, unit

WIDTH = 360
LEFT, TOP, PLOT, BELOW = 34, 16, 120, 34
BASE = TOP + PLOT
LABEL_ROOM = 46  # units that a label below needs
LEVELS = 5
ROUND_NUMBERS = [digit * 10**zeros for zeros in range(12) for digit in (1, 2, 5)]
ROUND_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, *(7200 * 2**each for each in range(20))]
ROW, COLUMN, HOURS_LEFT, HEAD = 22, 46, 38, 20


class Tick(NamedTuple):
    """A line across, and what it stands for."""

    y: float
    label: str


class Label(NamedTuple):
    """Below the plot: where a week, a month or a year begins; or in the middle below what it names."""

    x: float
    text: str
    below: str = ""
    is_middle: bool = False


class Mark(NamedTuple):
    """A bar, a band, a cell or a dot."""

    x: float
    y: float
    width: float
    height: float
    title: str
    text: str = ""
    level: int = 0
    is_beyond: bool = False


class Plot(NamedTuple):
    """Slots from left to right, over what is counted of them."""

    ticks: list[Tick]
    labels: list[Label]
    bands: list[Mark]
    marks: list[Mark]
    line: str = ""
    overall: float = 0
    width: int = WIDTH
    base: int = BASE
    left: int = LEFT
    height: int = BASE + BELOW


class Grid(NamedTuple):
    """The hours of the week."""

    columns: list[Label]
    rows: list[Tick]
    cells: list[Mark]
    height: int
    width: int = WIDTH


def bars(slots: Sequence[Slot]) -> Plot:
    """Rings, a bar for each slot."""
    top, ticks = _scale(max(slot.tally.rings for slot in slots), ROUND_NUMBERS, lambda value: f"{value:,}")
    step = _step(slots)
    gap = min(2.0, step / 5)
    marks = []
    for number, slot in enumerate(slots):
        rings = slot.tally.rings
        height = PLOT * rings / top
        x, width = LEFT + number * step + gap / 2, min(step - gap, 40)
        title = f"{slot_named(slot)}: {rings:,} {'ring' if rings == 1 else 'rings'}"
        if rings:
            x = x + (step - gap - width) / 2
            marks.append(Mark(_n(x), _n(BASE - height), _n(width), _n(height), title, f"{rings:,}"))
    return Plot(ticks, _labels(slots), _bands(slots), marks)


def dots(slots: Sequence[Slot], values: Sequence[float | None], overall: float) -> Plot:
    """Seconds, a dot for each slot that has any, joined where nothing is missing; far outliers stand at the top."""
    highest = max(value for value in values if value is not None)
    top, ticks = _scale(min(highest, max(5 * overall, 10)), ROUND_SECONDS, seconds)
    step = _step(slots)
    marks, path, is_joined = list[Mark](), "", False
    for number, (slot, value) in enumerate(zip(slots, values, strict=True)):
        if value is None:
            is_joined = False
            continue
        x, y = _n(LEFT + (number + 0.5) * step), _n(BASE - PLOT * min(value, top) / top)
        path += f"{'L' if is_joined else 'M'}{x} {y}"
        is_joined = True
        title = f"{slot_named(slot)}: {seconds(value)}"
        marks.append(Mark(x, y, 0, 0, title, seconds(value), is_beyond=value > top))
    return Plot(ticks, _labels(slots), _bands(slots), marks, path, _n(BASE - PLOT * overall / top))


def grid(by_hour: Mapping[tuple[int, int], int]) -> Grid:
    """Rings by weekday and hour, from the first hour in which somebody rang to the last."""
    first, last = (end(hour for _, hour in by_hour) for end in (min, max))
    most = max(by_hour.values())
    columns = [Label(_n(HOURS_LEFT + (day + 0.5) * COLUMN), WEEKDAYS[day][:3]) for day in range(7)]
    rows = [Tick(HEAD + number * ROW, f"{hour:02}:00") for number, hour in enumerate(range(first, last + 1))]
    cells = []
    for number, hour in enumerate(range(first, last + 1)):
        for day in range(7):
            rings = by_hour.get((day, hour), 0)
            title = f"{WEEKDAYS[day]} {hour:02}:00 to {hour + 1:02}:00: {rings:,}"
            x, y = HOURS_LEFT + day * COLUMN + 1, HEAD + number * ROW + 1
            level = ceil(LEVELS * rings / most)
            cells.append(Mark(x, y, COLUMN - 2, ROW - 2, title, _short(rings) if rings else "", level))
    return Grid(columns, rows, cells, HEAD + ROW * len(rows) + 2)


def share(count: int, most: int, room: float) -> float:
    """The length of a bar that shows a part of `most`; something is never nothing."""
    return _n(max(2, room * count / most)) if count else 0


def _step(slots: Sequence[Slot]) -> float:
    return (WIDTH - LEFT - 2) / len(slots)


def _bands(slots: Sequence[Slot]) -> list[Mark]:
    step = _step(slots)
    return [
        Mark(_n(LEFT + number * step), TOP, _n(step), PLOT, f"{slot_named(slot)}: closed")
        for number, slot in enumerate(slots)
        if slot.is_closed
    ]


def _labels(slots: Sequence[Slot]) -> list[Label]:
    """Of days the Mondays, of weeks and months where a month begins; as many as there is room for."""
    step, is_daily, are_few = _step(slots), unit(slots) == "day", len(slots) <= 6
    found, year = list[Label](), 0
    for number, slot in enumerate(slots):
        x = LEFT + (number + are_few / 2) * step
        has_room = x <= WIDTH - 30 and (not found or x - found[-1].x >= LABEL_ROOM)
        if has_room and (are_few or (slot.first.weekday() == 0 if is_daily else slot.first.day <= 7)):
            text = f"{slot.first.day} {slot.first:%b}" if is_daily or are_few else f"{slot.first:%b}"
            found.append(Label(_n(x), text, "" if slot.first.year == year else str(slot.first.year), are_few))
            year = slot.first.year
    return found


def _scale(highest: float, steps: Sequence[int], named: Callable[[int], str]) -> tuple[int, list[Tick]]:
    """The value at the top, and lines at up to four round values from zero to there."""
    step = next((each for each in steps if highest <= 4 * each), steps[-1])
    number = max(1, ceil(highest / step))
    ticks = [Tick(_n(BASE - PLOT * each / number), named(each * step)) for each in range(number + 1)]
    return number * step, ticks


def _short(number: int) -> str:
    return f"{number:,}" if number < 10_000 else f"{number // 1000:,}k"


def _n(value: float) -> float:
    """As many digits as an eye can see."""
    return round(value, 2)
