"""Whether the store answers, and whether it keeps what it is told."""

import os
import shutil
from collections.abc import Mapping

import app
import config
from app.cli.doctor.findings import Finding, fine, look, wrong
from app.disks import vanishing_disk
from app.domain.errors import StoreUnavailable

LITTLE_SPACE = 100 << 20
OLDEST_REDIS = (6, 2)  # from there on a stream can be cut by number
KEEPS = "Set “appendonly yes” in its configuration, or choose a plan with persistence."


def findings(settings: config.Settings) -> list[Finding]:
    """The store that the settings name."""
    store = app.create_store(settings)
    try:
        store.ping()
        facts = app.store_facts(store)
    except StoreUnavailable as error:
        return [wrong(f"The store does not answer: {error.detail}", _unavailable(settings))]
    if settings.redis_url:
        return [each for server in facts for each in redis_findings(server)]
    return [fine(f"The embedded store answers: {settings.sqlite_path}"), *_file(settings)]


def _unavailable(settings: config.Settings) -> str:
    if settings.redis_url:
        return (
            "Check REDIS_URL, its password, and that this machine may connect. Until then calls go to the telephones."
        )
    return f"Check that {settings.sqlite_path} and its folder can be written by this user (SQLITE_PATH)."


def _file(settings: config.Settings) -> list[Finding]:
    path = settings.sqlite_path
    found = []
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        found.append(
            wrong(f"{path} can't be written by this user", "Run doctor as the server's user, or change the owner.")
        )
    if lost := vanishing_disk(path, os.environ):
        found.append(
            wrong(
                f"The store will vanish: {lost}", "Mount a disk and set SQLITE_PATH to a file on it, or set REDIS_URL."
            )
        )
    else:
        found.append(fine("Its disk stays, as far as can be seen from here"))
    if (free := shutil.disk_usage(path.parent).free) < LITTLE_SPACE:
        found.append(wrong(f"Its disk is nearly full: {free >> 20} MB are left", "Make room, or use a larger disk."))
    return found


def redis_findings(facts: Mapping[str, str]) -> list[Finding]:
    """What a server's own words (app/stores/redis_facts.py) come to."""
    version = facts.get("redis_version", "")
    found = [fine(f"Redis answers, version {version}")]
    if (numbers := _numbers(version)) and numbers < OLDEST_REDIS:
        found = [wrong(f"Redis is too old: version {version}", "Use Redis 6.2 or newer, or Valkey.")]
    if facts.get("role") == "slave":
        found.append(wrong("This Redis is a replica and takes nothing", "Set REDIS_URL to the primary's address."))
    policy = facts.get("maxmemory_policy", "")
    if not policy:
        found.append(look("Its eviction policy can't be seen", "Ask whoever runs it: it must be noeviction."))
    elif policy != "noeviction":
        found.append(
            wrong(f"It throws records away when its memory is full ({policy})", "Set “maxmemory-policy noeviction”.")
        )
    else:
        found.append(fine("It throws nothing away (noeviction)"))
    found.append(_durability(facts))
    failed = [name for name in ("aof_last_write_status", "rdb_last_bgsave_status") if facts.get(name, "ok") != "ok"]
    if failed:
        found.append(wrong("It could not write to its disk lately", "Look at its log, and whether its disk is full."))
    return found


def _durability(facts: Mapping[str, str]) -> Finding:
    if facts.get("aof_enabled") == "1":
        every = facts.get("appendfsync", "")
        return fine("It keeps what it is told (appendonly yes" + (f", appendfsync {every})" if every else ")"))
    if facts.get("save"):
        return wrong("After a crash it has forgotten the last minutes: it only saves snapshots", KEEPS)
    if "save" in facts:
        return wrong("It keeps nothing: after a restart unlocks, codes and the audit log are gone", KEEPS)
    return wrong("After a crash it has forgotten what came last (appendonly no)", KEEPS)


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")[:2]
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()
