"""What the log says of refusals, of messages, and of the log itself."""

from app.domain.audit import Action, AuditEvent, Outcome

TRIED = {
    Action.UNLOCK: "to unlock the door",
    Action.LOCK: "to lock the door",
    Action.EXTEND: "to extend an unlock",
    Action.ADMIT: "to let a visitor in",
    Action.TURN_AWAY: "to turn a visitor away",
    Action.LOCK_DOWN: "to declare a lockdown",
    Action.LIFT: "to lift a lockdown",
    Action.CODES: "to see the access codes",
    Action.ISSUE_CODE: "to issue an access code",
    Action.REVOKE_CODE: "to revoke an access code",
    Action.TONE: "to try tones",
    Action.KEEP_TONE: "to choose a tone",
    Action.SCHEDULE: "to see the schedules",
    Action.ADD_SCHEDULE: "to add a schedule",
    Action.REMOVE_SCHEDULE: "to remove a schedule",
    Action.PAUSE_SCHEDULE: "to pause a schedule",
    Action.RESUME_SCHEDULE: "to resume a schedule",
    Action.OPEN_DAY: "to open on a day",
    Action.CLOSE_DAY: "to close on a day",
    Action.PEOPLE: "to see who may do what",
    Action.GRANT: "to grant a right",
    Action.REVOKE: "to revoke a right",
    Action.REPORT: "to see a report",
    Action.STATUS: "to see what is in force",
    Action.LOG: "to read the log",
    Action.HELP: "to get help",
    Action.SIGN_IN: "to sign in to the log's page",
}
BECAUSE = {
    "outside_hours": "it was outside working hours",
    "not_permitted": "they have no right to",
    "not_full_member": "they are no full member of the workspace",
    "membership_unknown": "Slack didn't say who they are",
    "other_workspace": "they are of another workspace",
    "past": "that time was past",
    "too_late": "it was too late",
    "lockdown": "the door was in lockdown",
    "gone": "the visitor had gone",
    "last_admin": "nobody else would be an admin",
    "link_used": "the link had been used",
    "link_over": "the link was too old",
    "other_browser": "another browser had opened the link",
    "other_site": "another site sent the form",
}


def refused(event: AuditEvent, who: str) -> str:
    """Who wanted what, and why not."""
    times = f" ({event.details['times']} more)" if "times" in event.details else ""
    because = BECAUSE.get(event.reason, event.reason.replace("_", " "))
    wanted = TRIED.get(event.action, f"something ({_plain(event.action)})")
    return f"{who} wanted {wanted}, and was refused: {because}{times}"


def happened(event: AuditEvent, who: str) -> str:
    """What was told or read, and what became of the record; "" for anything else."""
    details = event.details
    match event.action, event.outcome:
        case Action.VERIFY, _:
            counts = ", ".join(f"{count} at {edge}" for edge, count in details.items() if edge != "since")
            return f"requests with a wrong signature were refused: {counts}"
        case Action.TELL, Outcome.UNKNOWN:
            return "a message may or may not have reached Slack"
        case Action.TELL, _:
            return f"a message did not reach Slack: {_plain(event.reason)}"
        case Action.SIGN_IN, Outcome.DONE:
            return f"{who} signed in to the log's page{_at(event)}"
        case Action.SIGN_OUT, Outcome.DONE:
            ended = f": {_plain(event.reason)}" if event.reason else ""
            return f"{who} signed out of the log's page{ended}"
        case Action.EXPORT, Outcome.DONE:
            return f"{who} exported the log as {details.get('format', 'a file')}: {details.get('filter', 'everything')}"
        case Action.SHOW_NUMBER, Outcome.DONE:
            return f"{who} looked at the whole telephone number in entry {details.get('seq', '')}"
        case Action.ERASE_NUMBER, Outcome.DONE:
            return f"{who or 'somebody'} had a caller's number erased from the log"
        case Action.SEAL, Outcome.DONE:
            return "the log's seals were posted"
        case Action.UNREADABLE, _:
            return "this entry can't be read: it was damaged, or changed"
    return ""


def plainly(event: AuditEvent, who: str) -> str:
    """What can be said of any event, also of one that only a later release knows."""
    by = f" by {who}" if who else ""
    reason = f": {_plain(event.reason)}" if event.reason else ""
    why = f": {event.details['why']}" if "why" in event.details else ""
    return f"{_plain(event.action)} {_plain(event.outcome)}{by}{reason}{why}".strip()


def _at(event: AuditEvent) -> str:
    return f", for {event.details['doors']}" if "doors" in event.details else ""


def _plain(word: str) -> str:
    return str(word).replace("_", " ")
