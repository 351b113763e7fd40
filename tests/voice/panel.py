"""A courier at the panel of a door: rings, waits, keys, and lives through the whole call on a frozen clock."""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from freezegun.api import FrozenDateTimeFactory

import config
from app import create_app
from app.background import Soon
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.languages import SENTENCES
from app.ports import Delivery, Posted, Store, partition
from app.simulated.call import Story, place_call
from app.simulated.line import LiveCall, Moment
from app.usecases.steps import visit_key
from tests.conftest import FakeHosts
from tests.support import ACCOUNT_SID, ADMIN, AUTH_TOKEN, INTERCOM, NUMBER, PUBLIC_URL, Office

LONGEST_SILENCE = 5.0
SECOND, THIRD = "+12125550124", "+12125550125"  # telephones beside the first

Act = Callable[[], object]


class Then(NamedTuple):
    """Something that happens so many seconds after the visitor's story tells of something; "": after the ring."""

    what: str
    seconds: float
    act: Act


def six_digits(answer: str) -> str:
    """The code in the answer to whoever issued it."""
    found = re.search(r": (\d{3}) (\d{3})\.", answer)
    assert found, answer
    return "".join(found.groups())


class FakeCalls:
    """The Calls port: moves the call that is being made, as Twilio does while it is in progress."""

    def __init__(self) -> None:
        self.live = LiveCall()
        self.is_reachable = True

    def move(self, door: Door, call: str) -> bool:
        can_move = self.is_reachable and self.live.status == "in-progress"
        if can_move:
            self.live.put(f"{PUBLIC_URL}/voice/held/{door.id}")
        return can_move


class UnsteadyStore:
    """A store that cannot be reached while `is_away`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.is_away = False

    def __getattr__(self, name: str) -> Any:
        if self.is_away:
            raise StoreUnavailable("made up")
        return getattr(self._store, name)


class AtOnce(Soon):
    """What is done soon, in a thread of its own, is done before the clock moves on."""

    def __call__(self, door: Door, call: str) -> None:
        self.now(door, call)


class SlowHosts(FakeHosts):
    """A Slack that does not answer a post until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self._let_go = threading.Event()

    def post(self, *message: Any, **more: Any) -> Posted:
        posted = super().post(*message, **more)
        self._let_go.wait()
        return posted

    def let_go(self, delivery: Delivery = Delivery.DELIVERED) -> None:
        self.delivery = delivery
        self._let_go.set()


@dataclass
class Panel:
    """One door, its application, and whoever stands before it."""

    settings: config.Settings
    store: UnsteadyStore
    clock: FrozenDateTimeFactory
    hosts: FakeHosts
    door: Door
    calls: FakeCalls = field(default_factory=FakeCalls)
    call: str = ""
    story: Story = field(init=False)

    def change(self, **changes: Any) -> None:
        """Another door, before anybody has done anything at it."""
        assert "office" not in vars(self)
        self.door = replace(self.door, **changes)

    @cached_property
    def office(self) -> Office:
        """The application, as Slack and Twilio speak to it."""
        office = replace(self.settings.office, doors=MappingProxyType({self.door.id: self.door}))
        settings = replace(self.settings, office=office)
        return Office(create_app(settings, store=self.store, hosts=self.hosts, calls=self.calls).test_client())

    def ring(self, *thens: Then, **how: Any) -> Story:
        """Ring, and live through the call; it has kept what every call promises. `how` is `place_call`'s."""
        self.call = f"CA{len(self.hosts.messages):032}"
        self.calls.live = LiveCall()
        events = _Events(thens, self.clock)
        self.story = place_call(
            public_url=PUBLIC_URL,
            account_sid=ACCOUNT_SID,
            auth_token=AUTH_TOKEN,
            number=NUMBER,
            caller=INTERCOM,
            call_sid=self.call,
            moves=self.calls.live,
            real_time="all",
            sleep=events.sleep,
            tell=events.hear,
            post=self._post,
            get=self._get,
            **how,
        )
        assert not events.left, f"it never came to: {events.left}"
        self.office.sweep()
        self._keeps_its_promises()
        return self.story

    def later(self, **span: float) -> None:
        self.clock.tick(timedelta(**span))

    # What people do

    def unlock(self) -> None:
        self.office.say("unlock")

    def lock_down(self) -> None:
        self.office.say("lockdown", ADMIN)

    def admit(self) -> None:
        self.office.press("admit", f"{self.door.id} {self.call}")

    def admit_and_unlock(self) -> None:
        self.office.press("admit:unlock", f"{self.door.id} {self.call} unlock")

    def turn_away(self) -> None:
        self.office.press("turn_away", f"{self.door.id} {self.call}")

    def issue_code(self) -> str:
        """Six digits that are good at any hour."""
        answer = self.office.say("code issue FedEx for 1 day at any hour", ADMIN)
        return six_digits(answer)

    def lose_store(self) -> None:
        self.store.is_away = True

    def find_store(self) -> None:
        self.store.is_away = False

    # What came of it

    @property
    def heard(self) -> list[str]:
        return [moment.text for moment in self.story.moments]

    def was_told(self, key: str) -> bool:
        """Whether this sentence was said, in the door's language."""
        said = SENTENCES[key][self.door.language[:2]]
        return f"hears: “{said}”" in self.heard

    def told_at(self, key: str) -> float:
        """The second at which this sentence was begun."""
        said = SENTENCES[key][self.door.language[:2]]
        return next(moment.at for moment in self.story.moments if moment.text == f"hears: “{said}”")

    @property
    def released_at(self) -> float | None:
        """The second at which the key has sounded once: whether the intercom waits for the rest matters no more."""
        for moment in self.story.moments:
            if moment.text.startswith("hears the tone"):
                return moment.at
            if moment.text.startswith("hears the sound"):
                return moment.at + self.door.tone.lead_in + self.door.tone.length_ms / 1000
        return None

    @property
    def rang_at(self) -> float:
        """The second at which the telephones rang first."""
        return next(moment.at for moment in self.story.moments if "goes to the telephones" in moment.text)

    @property
    def record(self) -> list[str]:
        """What the log says of this call."""
        return [
            f"{e.action} {e.outcome} {e.reason}".strip() for e in self.office.log(self.door.id) if e.visit == self.call
        ]

    @property
    def is_on_record(self) -> bool:
        """Whether the log says how this call ended, and nobody is left waiting."""
        visit = self.store.read(partition(self.door.id), visit_key(self.call)).get(visit_key(self.call))
        return bool(self.record) and (visit is None or not visit.is_waiting)

    @property
    def shown(self) -> str:
        """What the message that asked shows at last."""
        asking = [shown[-1].text for shown in self.hosts.messages.values() if shown[0].buttons]
        return asking[-1] if asking else ""

    def _post(self, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        answer = self.office.client.post(url.removeprefix(PUBLIC_URL), data=dict(params), headers=dict(headers))
        return answer.status_code, answer.headers["Content-Type"], answer.data

    def _get(self, url: str) -> tuple[int, str, bytes]:
        answer = self.office.client.get(url.removeprefix(PUBLIC_URL))
        return answer.status_code, answer.headers["Content-Type"], answer.data

    def _keeps_its_promises(self) -> None:
        """What holds for every call, whatever happens."""
        story, patience = self.story, self.door.patience.total_seconds()
        told = "\n".join(f"{moment.at:6.1f} {moment.text}" for moment in story.moments)
        assert story.longest_silence <= LONGEST_SILENCE, told
        assert story.ended_by in ("hangup", "visitor"), told
        assert not story.fell_back, told
        whole = self.door.release * self.door.tone.repeats
        assert story.released in ("", whole) or (story.ended_by == "visitor" and whole.startswith(story.released)), told
        if not story.answered_by:
            over = self.released_at or story.seconds
            assert over <= patience, f"{over - patience:.1f} s too long\n{told}"


class _Events:
    """Moves the clock on, and makes happen what happens meanwhile."""

    def __init__(self, thens: Sequence[Then], clock: FrozenDateTimeFactory) -> None:
        self.waiting = list(thens)
        self._clock = clock
        self._seconds = 0.0
        self._due: list[tuple[float, Act]] = []
        self._look_for("")
        self.sleep(0)

    @property
    def left(self) -> list[object]:
        """What has not happened."""
        return [*self.waiting, *self._due]

    def sleep(self, seconds: float) -> None:
        self._clock.tick(seconds)
        self._seconds += seconds
        due = [act for at, act in self._due if at <= self._seconds]
        self._due = [(at, act) for at, act in self._due if at > self._seconds]
        for act in due:
            act()

    def hear(self, moment: Moment) -> None:
        self._look_for(moment.text)

    def _look_for(self, text: str) -> None:
        found = [then for then in self.waiting if then.what in text and bool(then.what) == bool(text)]
        self.waiting = [then for then in self.waiting if then not in found]
        self._due += [(self._seconds + then.seconds, then.act) for then in found]
