"""A visit in plain words: what its message in Slack says, with the buttons, and what a late answer is told."""

from app.domain.doors import Door
from app.domain.hours import local_clock
from app.domain.notices import Button
from app.domain.phrases import masked, mention, the
from app.domain.visits import Visit, VisitState

GONE = "The visitor has gone."


def message(visit: Visit, door: Door, expecting: str) -> str:
    """What the message about a visit says now, in Slack's mrkdwn; its beginning is what a lock screen shows."""
    when = local_clock(visit.started_at, door.hours.timezone, visit.started_at)
    if visit.is_held:
        expected = f" {expecting} was expected." if expecting else ""
        return f":bell: Somebody is ringing at {the(door)} ({when}).{expected} Let them in?"
    return f"{when}: somebody rang at {the(door)}. {_ending(visit)}{_unlocked(visit, door)}"


def buttons(visit: Visit, door: Door) -> tuple[Button, ...]:
    """What can still be answered."""
    if not visit.is_waiting:
        return ()
    value = f"{door.id} {visit.id}"
    let_in = Button("admit", value, "Let in", "primary")
    turn_away = Button("turn_away", value, "Turn away", "danger")
    if not door.hours.is_open(visit.started_at):
        return (let_in, turn_away)
    return (let_in, Button("admit:unlock", f"{value} unlock", "Let in and unlock for 30 min"), turn_away)


def too_late(visit: Visit | None, asker: str) -> str:
    """What somebody is told whose answer changes nothing any more."""
    if visit is None:
        return GONE
    who, you = mention(visit.by) if visit.by else "", visit.by == asker
    match visit.state:
        case VisitState.RELEASED if you:
            return "You have let this visitor in already."
        case VisitState.RELEASED:
            return f"{_released_by(visit)} That was first, so nothing was changed."
        case VisitState.TURNED_AWAY if you:
            return "You have turned this visitor away already."
        case VisitState.TURNED_AWAY:
            return f"{who} was first, and turned the visitor away."
        case VisitState.ANSWERED:
            return "Somebody has answered the visitor by telephone already."
        case VisitState.UNANSWERED:
            return "Nobody came to the telephones, and the visitor was told so."
    return GONE


def _ending(visit: Visit) -> str:
    """How it ended, or how it goes on."""
    if visit.missed_the_tone:
        return f"{_released_by(visit)} But the call was over before the tone could be played."
    match visit.state:
        case VisitState.RELEASED:
            return f":white_check_mark: {_released_by(visit)}"
        case VisitState.TURNED_AWAY:
            return f":no_entry: {mention(visit.by)} turned the visitor away after {_seconds(visit)} s."
        case VisitState.ANSWERED if not visit.by:
            return ":telephone_receiver: Answered by telephone."
        case VisitState.ANSWERED:
            return f":telephone_receiver: Answered by telephone {masked(visit.by)} after {_seconds(visit)} s."
        case VisitState.UNANSWERED:
            return ":warning: Nobody came to the telephones either."
        case _ if visit.is_over:
            return ":dash: The visitor hung up before anybody answered."
        case VisitState.FORWARDED:
            return "The telephones are ringing."
    return "Nobody was asked."


def _unlocked(visit: Visit, door: Door) -> str:
    if visit.unlocked_until is None:
        return ""
    return f" Until {local_clock(visit.unlocked_until, door.hours.timezone, visit.started_at)} every ring is released."


def _released_by(visit: Visit) -> str:
    seconds = f" after {_seconds(visit)} s"
    match visit.reason:
        case "host":
            return f"{mention(visit.by)} let the visitor in{seconds}."
        case "telephone":
            return f"Telephone {masked(visit.by)} let the visitor in{seconds}."
        case "code":
            return f"The visitor keyed the code {visit.by}: released{seconds}."
    return f"Released{seconds if visit.decided_at else ''} by the {visit.reason} of {mention(visit.by)}."


def _seconds(visit: Visit) -> int:
    return round(((visit.decided_at or visit.started_at) - visit.started_at).total_seconds())
