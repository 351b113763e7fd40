"""What a Redis server says of itself and of how it keeps what it is told (redis.io/docs/latest/commands/info)."""

from typing import Any

import redis

SETTINGS = (
    "save",
    "appendfsync",
)  # INFO doesn't tell these; hosted servers may refuse CONFIG, and then they are missing
SECTIONS = ("server", "memory", "persistence", "replication")


def facts(client: Any) -> dict[str, str]:
    """Fields of INFO and settings, as text."""
    found: dict[str, str] = {}
    for section in SECTIONS:
        found |= {name: str(value) for name, value in client.info(section).items()}
    for name in SETTINGS:
        try:
            found |= client.config_get(name)
        except redis.ResponseError:
            break
    return found
