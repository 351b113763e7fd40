"""Who sent what Slack sends."""

from typing import Any

from app.slack.commands import Person


def commander(body: dict[str, Any]) -> Person:
    """Who typed a command."""
    return Person(body["user_id"], ids(body.get("team_id"), body.get("enterprise_id")), body.get("trigger_id", ""))


def presser(body: dict[str, Any]) -> Person:
    """Who pressed something, or submitted a dialog: the workspace is that of the person, not that of the channel."""
    user, enterprise = body["user"], body.get("enterprise") or {}
    trigger = next(iter(ids(body.get("trigger_id"))), "")
    return Person(user["id"], ids(user.get("team_id"), enterprise.get("id")), trigger)


def viewer(body: dict[str, Any], event: dict[str, Any]) -> Person:
    """Who opened the App Home."""
    return Person(event["user"], ids(body.get("team_id"), body.get("enterprise_id")))


def ids(*values: Any) -> tuple[str, ...]:
    """Those that are ids at all."""
    return tuple(value for value in values if isinstance(value, str) and value)
