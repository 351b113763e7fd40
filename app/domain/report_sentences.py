"""A door's report in plain words, with a small picture of its hours.

The picture stands in a code block: Slack shows it, and it is left out of what is read aloud. The words say the same.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.domain.digests import Conclusion
from app.domain.durations import describe_duration
from app.domain.hours import local_clock
from app.domain.notices import Button
from app.domain.phrases import start, the
from app.domain.reports import Figures, Report

BARS = " ▁▂▃▅▇"
LONGEST_LABEL = 75  # of a button (docs.slack.dev/reference/block-kit/block-elements/button-element)
WIDE_SPAN = 12  # hours; a picture of more is drawn narrower
RELEASED_BY = {
    "unlock": "by an unlock",
    "schedule": "by the schedule",
    "host": "by a host",
    "telephone": "by telephone",
    "code": "with a code",
}
OTHER_ENDS = {
    Conclusion.TURNED_AWAY: "turned away",
    Conclusion.DENIED: "told that it is closed",
    Conclusion.MISSED: "missed",
    Conclusion.LOST: "whose end is unknown",
}


def sentence(report: Report, now: datetime) -> str:
    """The whole report, a line for each thing."""
    week, before = report.week, report.before
    if not week.rings:
        earlier = _than(before, before and _count(before.rings, "ring"))
        nobody = f"Nobody rang at {the(report.door)} {_span(report)}{earlier}."
        return "\n".join([nobody, *_reading(report, now), *_suggested(report)])
    headline = f"{start(the(report.door))} {_span(report)}: {_count(week.rings, 'ring')}"
    lines = [
        f"{headline}{_than(before, before and before.rings)}.",
        *_ends(week, before),
        *_telephones(week),
        *_waits(week, before),
        _busiest(week),
        f"```\n{picture(week.hours)}\n```",
        *_saved(report),
        *_reading(report, now),
        *_suggested(report),
    ]
    return "\n".join(lines)


def buttons(report: Report, *, names_door: bool = False) -> tuple[Button, ...]:
    """What can be pressed under a report: what it suggests."""
    if report.suggestion is None:
        return ()
    label = f"Add as schedule ({report.door.name})" if names_door else "Add as schedule"
    return (Button("add_schedule", f"{report.door.id} {report.suggestion}", label[:LONGEST_LABEL]),)


def picture(hours: Mapping[int, int]) -> str:
    """A bar for each hour from the first to the last in which somebody rang, over the clock."""
    first, last, most = min(hours), max(hours), max(hours.values())
    is_wide = last - first < WIDE_SPAN
    if not is_wide:
        first -= first % 3
    bars = [BARS[-(-hours.get(hour, 0) * (len(BARS) - 1) // most)] for hour in range(first, last + 1)]
    drawn = " ".join(bar * 2 for bar in bars) if is_wide else "".join(bars)
    return f"{drawn}\n" + " ".join(f"{hour:02}" for hour in range(first, last + 1, 1 if is_wide else 3))


def _span(report: Report) -> str:
    timezone = report.door.hours.timezone
    first = report.span.starts_at.astimezone(timezone)
    if not report.span.is_last_week:
        return f"in the last seven days, since {first:%a} {first.day} {first:%b} {first:%H:%M}"
    last = (report.span.ends_at - timedelta(microseconds=1)).astimezone(timezone)
    month = "" if first.month == last.month else f" {first:%b}"
    return f"last week, {first:%a} {first.day}{month} to {last:%a} {last.day} {last:%b}"


def _ends(week: Figures, before: Figures | None) -> list[str]:
    """How the visits ended."""
    released = week.ends.get(Conclusion.RELEASED, 0)
    parts = [f"{count} {RELEASED_BY.get(by, f'by {by}')}" for by, count in _most_first(week.released_by)]
    how = f", {parts[0].partition(' ')[2]}" if len(parts) == 1 else f": {', '.join(parts)}" if parts else ""
    lines = [f"{released} released{_before(before, Conclusion.RELEASED)}{how}."]
    for conclusion, words in OTHER_ENDS.items():
        if count := week.ends.get(conclusion, 0):
            lines.append(f"{count} {words}{_before(before, conclusion)}.")
    if under_way := week.rings - sum(week.ends.values()):
        lines.append(f"{under_way} not over yet.")
    return lines


def _telephones(week: Figures) -> list[str]:
    if not week.forwarded:
        return []
    return [f"The telephones rang for {_count(week.forwarded, 'visitor')}, and {week.taken} of them got an answer."]


def _waits(week: Figures, before: Figures | None) -> list[str]:
    if week.seconds is None:
        return []
    earlier = _than(before, None if before is None or before.seconds is None else _seconds(before.seconds))
    return [f"Half of those who were answered by a person waited {_seconds(week.seconds)} or less{earlier}."]


def _busiest(week: Figures) -> str:
    """The words for the picture."""
    (hour, count), *others = _most_first(week.hours)
    then = f", then {others[0][0]:02}:00 to {others[0][0] + 1:02}:00 with {others[0][1]}" if others else ""
    return f"Busiest from {hour:02}:00 to {hour + 1:02}:00, with {_count(count, 'ring')}{then}."


def _saved(report: Report) -> list[str]:
    if not report.week.needed_nobody:
        return []
    minutes = max(1, round(report.saved.total_seconds() / 60))
    each = f"at {describe_duration(report.answering)} each"
    nobody = f"{_count(report.week.needed_nobody, 'ring')} released without anybody answering"
    return [f"About {_count(minutes, 'minute')} of answering saved: {nobody}, {each}."]


def _reading(report: Report, now: datetime) -> list[str]:
    """Where figures are not of all that there was."""
    timezone = report.door.hours.timezone
    if report.limit and (report.known_since or report.before is None):
        since = f", since {local_clock(report.known_since, timezone, now)}" if report.known_since else ""
        return [f"Only the newest {report.limit:,} entries of the log were read{since}; older ones aren't counted."]
    if report.known_since:
        return [f"The record begins {local_clock(report.known_since, timezone, now)}."]
    return []


def _suggested(report: Report) -> list[str]:
    if report.suggestion is None:
        return []
    most = f"Most rings of the last four weeks came {report.suggestion.describe()}."
    return [f"{most} `/frontdoor schedule {report.door.id} add {report.suggestion}` releases them by itself."]


def _before(before: Figures | None, conclusion: Conclusion) -> str:
    return _than(before, before and before.ends.get(conclusion, 0))


def _than(before: Figures | None, earlier: object) -> str:
    """ " (41 the week before)"; "" where nothing is known of it, or nobody rang."""
    if before is None or not before.rings or earlier is None:
        return ""
    return f" ({earlier} the week before)"


def _most_first(counts: Mapping) -> list:  # type: ignore[type-arg]
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _seconds(seconds: float) -> str:
    return describe_duration(timedelta(seconds=round(seconds)))
