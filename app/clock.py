"""The only place that asks the time."""

from datetime import UTC, datetime


def utcnow() -> datetime:
    """Now, aware, in UTC. Asked once per request, at the edge, and handed inwards as ``now``."""
    return datetime.now(UTC)
