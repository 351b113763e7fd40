"""Stores with a past: a short and a long log of each kind, and an admin who is signed in to each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import config
from app import Services, create_services
from app.domain.audit import Source
from app.domain.names import PeopleNames
from app.domain.permissions import Role
from app.ports import OFFICE
from app.usecases.names import NAMES
from app.usecases.requests import Request
from app.usecases.sessions import SignedIn
from benchmarks import history, product

SHORT = 1_000  # entries
MANY_DOORS = 20
A_ROUND = 2500  # entries that a background round catches up with, at least
SESSION = "__Host-session"
ADMIN = "U0ADMIN01"


@dataclass
class Past:
    """A log of about so many entries, the environment of a server on it, and what has been made of it."""

    kind: str
    count: int
    doors: int
    env: Mapping[str, str]
    cookie: str = ""
    services: Services = field(init=False)

    def __post_init__(self) -> None:
        self.services = create_services(config.load(self.env))

    @property
    def name(self) -> str:
        return f"{self.kind} {self.count:,}"

    def fill(self) -> None:
        """Put it on record, and let people have names; nothing of it is counted or sealed yet."""
        store = self.services.store
        history.fill(store, [*self.services.office.doors], self.count, datetime.now(UTC))
        names = PeopleNames({who: f"Person {who[-3:]}" for who in (*history.HOSTS, "U0MEMBER1")})
        assert store.commit(store.read(OFFICE, NAMES), {NAMES: names})
        store.tidy()

    def catch_up(self) -> None:
        """What the background would do in some minutes."""
        for _ in range(self.count // A_ROUND + 2 * self.doors):
            self.services.summaries.count(datetime.now(UTC))
            self.services.recording.sealing.seal(datetime.now(UTC))
        self.services.store.tidy()

    def sign_in(self) -> None:
        """An admin's session, as the use cases make it."""
        sessions, now, tokens = self.services.sessions, datetime.now(UTC), list[str]()
        sessions.invite(Request(ADMIN, Role.ADMIN, Source.SLACK, now), lambda token: tokens.append(token) or "")
        signed_in = sessions.sign_in(tokens[-1], now)
        assert isinstance(signed_in, SignedIn), signed_in
        self.cookie = f"{SESSION}={signed_in.token}"


def pasts(scratch: Path, redis_url: str, longest: int) -> list[Past]:
    """A short and a long one of each kind; Redis' databases are numbered, and a tenth as long."""
    found = list[Past]()
    for kind, doors, length in (
        ("SQLite", 1, longest),
        (f"SQLite, {MANY_DOORS} doors", MANY_DOORS, longest),
        ("Redis", 1, longest // 10),
    ):
        for count in (SHORT, length):
            number = len(found)
            on_redis = {"REDIS_URL": f"{redis_url.removesuffix('0')}{number}"} if kind == "Redis" else {}
            place = {"SQLITE_PATH": str(scratch / f"log-{number}.db"), **on_redis}
            found.append(Past(kind, count, doors, product.environment(scratch, doors, **place)))
    return found
