"""DoorBot on real servers, spoken to over real HTTP, while something goes wrong."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import uuid4
from xml.etree import ElementTree

from app.domain.audit import AuditEvent
from app.domain.errors import StoreUnavailable
from app.ports import Store, entries
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from tests.servers import DoorBot, RedisServer
from tests.support import (
    ALWAYS_OPEN_TOML,
    TELEPHONE,
    call_form,
    command_form,
    environment,
    slack_headers,
    twilio_signature,
)

T = TypeVar("T")

PATIENCE_SECONDS = 10

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
STORES = ("sqlite", "redis")


class Line:
    """One connection to DoorBot, kept alive."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=10)

    def __enter__(self) -> "Line":
        self._connection.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @property
    def local_port(self) -> int:
        return int(self._connection.sock.getsockname()[1])

    def post(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        self._connection.request("POST", path, body, {**FORM, **headers})
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()

    def ring(self, call: str | None = None) -> str:
        """The TwiML that answers a ring; it has been parsed."""
        form = call_form(call or new_call())
        headers = {"X-Twilio-Signature": twilio_signature("/voice/ring", form)}
        status, twiml = self.post("/voice/ring", urlencode(form), headers)
        assert status == 200, twiml
        assert ElementTree.fromstring(twiml).tag == "Response"
        return twiml

    def say(self, text: str) -> str:
        """The answer to `/frontdoor text`."""
        body = urlencode(command_form(text))
        status, answer = self.post("/slack/events", body, slack_headers(body))
        assert status == 200, answer
        return answer


class Crowd:
    """So many threads that do the same until the context is left, which waits for their end."""

    def __init__(self, count: int, act: Callable[[], None]) -> None:
        self._end = Event()
        self._threads = [Thread(target=act) for _ in range(count)]

    def __enter__(self) -> Any:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()


class Building:
    """DoorBot with two processes in an office that is always open, on a store of its own."""

    def __init__(self, folder: Path, redis: RedisServer | None = None, **changes: str) -> None:
        (folder / "doorbot.toml").write_text(ALWAYS_OPEN_TOML)
        self.database = folder / "data" / "doorbot.db"
        self.redis = redis
        environ = {
            "DOORBOT_CONFIG": str(folder / "doorbot.toml"),
            "SQLITE_PATH": str(self.database),
            "REDIS_URL": redis.url if redis else "",
            "WEB_CONCURRENCY": "2",
            "TMPDIR": str(folder),  # what the processes of this building agree by is no other building's business
            **changes,
        }
        self.redis_url = environ["REDIS_URL"]
        self.server = DoorBot(environment(**environ), folder)

    @property
    def store(self) -> Store:
        return RedisStore(self.redis_url) if self.redis_url else SqliteStore(self.database)

    def line(self) -> Line:
        return Line(self.server.port)

    def ring(self, call: str | None = None) -> str:
        with self.line() as line:
            return line.ring(call)

    def say(self, text: str) -> str:
        with self.line() as line:
            return line.say(text)

    def processes(self) -> list[int]:
        """The server's worker processes."""
        children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def process_behind(self, line: Line) -> int:
        """The process that holds the other end of this connection."""
        sockets = [entry.split() for entry in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        ports = (f":{self.server.port:04X}", f":{line.local_port:04X}")
        inode = next(each[9] for each in sockets if (each[1][-5:], each[2][-5:]) == ports)
        return next(pid for pid in self.processes() if f"socket:[{inode}]" in _open_files(pid))

    @contextmanager
    def line_to_each_process(self) -> Iterator[list[Line]]:
        """Kept-alive connections, one to each process."""
        with ExitStack() as stack:
            lines: dict[int, Line] = {}
            while len(lines) < 2:
                line = stack.enter_context(self.line())
                line.ring()  # until it has been served, no process need have taken it
                lines.setdefault(self.process_behind(line), line)
            yield list(lines.values())

    def log(self) -> list[tuple[int, AuditEvent]]:
        """The front door's whole log, oldest first; whoever reads it here is in no hurry."""
        end = monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return [(entry.seq, entry.event) for entry in entries(self.store, "door:front")][::-1]
            except StoreUnavailable:
                if monotonic() > end:
                    raise
                sleep(0.2)

    def outcomes(self, *calls: str) -> list[list[tuple[str, str]]]:
        """For each call the outcomes and reasons on record."""
        found = self.log()
        return [[(event.outcome, event.reason) for _, event in found if event.visit == call] for call in calls]


@contextmanager
def building(kind: str, folder: Path, **changes: str) -> Iterator[Building]:
    """A building on a store of this kind; both run until the end."""
    if kind == "sqlite":
        house = Building(folder, **changes)
        with house.server:
            yield house
        return
    with RedisServer(folder) as server:
        house = Building(folder, server, **changes)
        with house.server:
            yield house


def _open_files(pid: int) -> set[str]:
    found = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.add(str(file.readlink()))
    return found


def new_call() -> str:
    return f"CA{uuid4().hex}"


def is_forwarded(twiml: str) -> bool:
    """Whether this dials the telephones and plays no tone."""
    response = ElementTree.fromstring(twiml)
    numbers = [number.text for number in response.iterfind("Dial/Number")]
    return numbers == [TELEPHONE] and response.find(".//Play") is None


def is_held(twiml: str) -> bool:
    """Whether somebody is asked while the visitor is held, and no tone is played."""
    response = ElementTree.fromstring(twiml)
    return response[0].tag == "Gather" and response.find(".//Play") is None


def is_released(twiml: str) -> bool:
    """Whether the first verb is the tone."""
    return ElementTree.fromstring(twiml)[0].tag == "Play"


def timed(act: Callable[[], T]) -> tuple[float, T]:
    """How many seconds it took, and what came of it."""
    start = monotonic()
    value = act()
    return monotonic() - start, value


def at_once(acts: Sequence[Callable[[], Any]]) -> list[tuple[float, Any]]:
    """Do all of them at the same time; `timed` for each."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(timed, acts))
