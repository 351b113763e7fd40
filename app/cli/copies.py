"""Backup and restore of the embedded store, in a terminal."""

import argparse
from pathlib import Path

import app
import config
from app.clock import utcnow
from app.domain.errors import DoorBotError

OF_REDIS = "The store is a Redis, which is {} with its own tools: docs/operations.md says how."


def backup(args: argparse.Namespace, settings: config.Settings) -> int:
    """Copy the store into a file; the server may run."""
    if settings.redis_url:
        raise DoorBotError(OF_REDIS.format("backed up"))
    app.back_up(settings.sqlite_path, Path(args.file))
    print(f"The store {settings.sqlite_path} was copied to {args.file}. Keep SECRET_KEY with it, but not beside it.")
    return 0


def restore(args: argparse.Namespace, settings: config.Settings) -> int:
    """Put a copy back; the server must not run."""
    if settings.redis_url:
        raise DoorBotError(OF_REDIS.format("restored"))
    before = app.put_back(Path(args.file), settings.sqlite_path, utcnow())
    print(f"{settings.sqlite_path} is as it was in {args.file}.")
    if before:
        print(f"What was there lies in {before}.")
    print("What was locked, locked down or revoked since then is forgotten. Before you start the server, look at:")
    print("  python -m app status; python -m app people; python -m app lock")
    return 0
