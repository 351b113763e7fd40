"""What the core needs from outside: a store, and the hosts in Slack."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Any, Generic, Protocol, TypeVar

from app.domain.audit import AuditEvent, LogEntry
from app.domain.doors import Door
from app.domain.notices import Button

T = TypeVar("T")

OFFICE = "office"  # the partition of what belongs to no door


def partition(door_id: str) -> str:
    """The partition of a door, or of the office for ""."""
    return f"door:{door_id}" if door_id else OFFICE


@dataclass(frozen=True)
class Key(Generic[T]):
    """The name of a record that holds a `T`. What stands before its first colon is the kind of record."""

    name: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Records of one partition as they were read together; what a commit is made against."""

    partition: str
    values: Mapping[str, object]
    stored: Mapping[str, str | None] = field(repr=False)

    def get(self, key: Key[T]) -> T | None:
        """The record under `key`, or None where there is none. KeyError if it was not read."""
        return self.values[key.name]  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class DueRecord:
    """A record whose time to be looked at has come."""

    partition: str
    name: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """An entry of a log as it is stored, without what is kept apart from it: the caller."""

    seq: int
    text: str


class Committed(Enum):
    """What became of a commit that a copy of the store is to have as well."""

    NO = "no"  # something had changed
    YES = "yes"
    HERE_ONLY = "here_only"  # no copy of the store has said in time that it has it


class Store(Protocol):
    """One contract for every backend (tests/stores/test_contract.py). Every method may raise StoreUnavailable."""

    def read(self, partition: str, *keys: Key[Any]) -> Snapshot:
        """Read records together, in one round trip."""

    def read_many(self, reads: Sequence[tuple[str, Sequence[Key[Any]]]]) -> list[Snapshot]:
        """Read records of several partitions, in one round trip: for each partition a snapshot, in the order asked.

        Each snapshot is of one moment, but not all of the same one: doors may live on different servers.
        """

    def commit(
        self, snapshot: Snapshot, writes: Mapping[Key[Any], object | None], events: Sequence[AuditEvent] = ()
    ) -> bool:
        """Write every record (None deletes it) and append every event with the next `seq`, or do nothing.

        Returns False, having changed nothing, if anything in `snapshot` has changed since it was read. After
        StoreUnavailable nothing was or will be changed, unless the connection broke while the answer was on its way.
        """

    def commit_widely(
        self, snapshot: Snapshot, writes: Mapping[Key[Any], object | None], events: Sequence[AuditEvent] = ()
    ) -> Committed:
        """The same; where the store has copies that could take its place, wait a moment until one of them has it."""

    def due(
        self, partitions: Sequence[str], now: datetime, limit: int, kinds: Collection[str] | None = None
    ) -> Sequence[DueRecord]:
        """Records whose `due_at` is not after `now`: up to `limit` of each of `kinds` in each partition.

        Partition by partition, oldest first. None: of every kind. One round trip while no partition has more.
        Of partitions on a server that is away there is nothing, as long as something is due on others.
        """

    def read_log(self, partition: str, *, before: int | None = None, limit: int = 100) -> Sequence[LogEntry]:
        """Up to `limit` entries with a `seq` below `before`, newest first; the cost does not grow with the log."""

    def read_logs(
        self, partitions: Sequence[str], limit: int, *, before: Sequence[int] | None = None
    ) -> Sequence[Sequence[LogEntry]]:
        """The newest `limit` entries of each of these logs, as `read_log` gives them, read together.

        `before`: for each of them the `seq` below which to read.
        """

    def first_at(self, partitions: Sequence[str], moment: datetime) -> Sequence[int]:
        """For each of these logs the `seq` of its first entry that is not older, in one round trip.

        One more than the newest where all are older; 0 where there is none. Costs little more in a long log.
        """

    def newest(self, partitions: Sequence[str]) -> Sequence[int]:
        """For each of these logs the `seq` of its newest entry, 0 where there is none, in one round trip."""

    def read_lines(self, partition: str, *, after: int, limit: int) -> Sequence[LogLine]:
        """Up to `limit` entries with a `seq` above `after` as they are stored, oldest first.

        What is no text of ours is given with U+FFFD in place of what can't be read; ours is plain ASCII.
        """

    def trim_log(self, partition: str, below: int) -> int:
        """Remove the entries with a lower `seq`, from the old end; returns how many."""

    def erase_callers(self, partition: str, below: int) -> int:
        """Erase callers' numbers from all entries with a lower `seq`; returns how many."""

    def erase_callers_at(self, partition: str, seqs: Sequence[int]) -> int:
        """Erase callers' numbers from these entries; returns how many."""

    def ping(self) -> None:
        """Return if the store answers."""

    def tidy(self) -> None:
        """Upkeep that must not happen while somebody rings; called every few seconds."""


class Membership(StrEnum):
    """What Slack says a person is in our workspace."""

    FULL = "full"
    NOT_FULL = "not_full"  # guest, outsider
    GONE = "gone"  # deactivated, not known there, or no person at all
    UNKNOWN = "unknown"  # Slack could not be asked


class Delivery(StrEnum):
    """What became of a message."""

    DELIVERED = "delivered"
    REFUSED = "refused"  # Slack said no and will say no again
    TRY_LATER = "try_later"  # certainly not delivered yet
    UNKNOWN = "unknown"  # perhaps delivered


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a message; `ts` is Slack's name for it. `retry_after`: not to be tried again sooner."""

    delivery: Delivery
    ts: str = ""
    retry_after: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Published:
    """What became of an App Home view; `hash` is Slack's name for what is shown now.

    `is_overtaken`: another view was published since the one that was said to be shown. `retry_after`: as above.
    """

    delivery: Delivery
    hash: str = ""
    is_overtaken: bool = False
    retry_after: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class TokenHeard:
    """Why Slack refused our token in its last answer, "" where it took it; `answers`: how many said either."""

    refusal: str = ""
    answers: int = 0


class Hosts(Protocol):
    """The people in Slack. No method raises; each returns within a few seconds, unless it says otherwise."""

    def tell(self, channel: str, text: str, buttons: Sequence[Button] = ()) -> Delivery:
        """Post `text` (mrkdwn) to a channel."""

    def post(self, channel: str, text: str, buttons: Sequence[Button] = (), thread: str = "") -> Posted:
        """Post `text` (mrkdwn), to a channel or to the thread of a message there; waits over a minute for the answer.

        Whoever gives up sooner would not learn which message to edit.
        """

    def edit(self, channel: str, ts: str, text: str, buttons: Sequence[Button] = ()) -> Posted:
        """Put another text and other buttons into a message; the same again does no harm."""

    def membership(self, user_id: str, now: datetime, *, last_known: bool) -> Membership:
        """What a person is: at most five minutes old, or, if allowed, as last known."""

    def glance(self, user_id: str, now: datetime) -> Membership:
        """What Slack said last of a person, at once; where that is over five minutes old, it is asked meanwhile."""

    def members_of(self, group: str, now: datetime, *, last_known: bool) -> frozenset[str] | None:
        """The members of a user group: at most five minutes old, or, if allowed, as last known; None: not known."""

    def names(self, user_ids: Collection[str], *, waits: bool = True) -> Mapping[str, str]:
        """What people are called, as far as it is known: at once, or where it is not known within 1.5 s in all.

        Whoever is not known then is asked about meanwhile. Names are plain text of people's own.
        """

    def heard_names(self) -> Mapping[str, str]:
        """All that Slack called people since this process started, at once."""

    def show_home(self, user_id: str, view: Mapping[str, object], shown: str = "") -> Published:
        """Put a view on a person's App Home: with `shown`, Slack's hash of a view, only where that is still shown."""

    def open_view(self, trigger_id: str, view: Mapping[str, object]) -> bool:
        """Open a modal for whoever pressed something less than three seconds ago; False where Slack did not."""

    def token(self, *, ask: bool = False) -> TokenHeard:
        """What Slack last said of our token, at once; or after it was asked."""


class Calls(Protocol):
    """The calls that are being made. No method raises; each returns within a few seconds."""

    def move(self, door: Door, call: str) -> bool:
        """Make a live call drop what it does and ask us at once how to go on; False where it could not be reached."""


def entries(store: Store, partition: str, page: int = 200, *, before: int | None = None) -> Iterator[LogEntry]:
    """The log of a partition below `before`, or the whole of it: newest first, a page at a time."""
    while batch := store.read_log(partition, before=before, limit=page):
        yield from batch
        before = batch[-1].seq
