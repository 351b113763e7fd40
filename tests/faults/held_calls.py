"""A busy day at the door: visitors who ring, hosts who press, and the Slack that they press in."""

import json
import random
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import count
from threading import Event, Thread
from urllib.parse import urlencode
from uuid import uuid4

from app import fallback_twiml
from app.domain.doors import Door
from app.domain.errors import DoorBotError
from app.simulated.call import Story, place_call
from app.simulated.line import SLICE_SECONDS
from app.simulated.telephones import Behaviour
from tests.faults import Building, Crowd, new_call
from tests.stand_ins import Answer, Received, StandIn
from tests.support import (
    ACCOUNT_SID,
    ALWAYS_OPEN_TOML,
    AUTH_TOKEN,
    HOST,
    INTERCOM,
    NUMBER,
    PUBLIC_URL,
    TELEPHONE,
    command_form,
    press_payload,
    slack_headers,
)
from tests.twilio_api import BROKEN, TwilioApi

SPEED = 4  # visitors and telephones live so much faster than the server's clock, or nobody would wait for this
AT_ONCE = 6
HOSTS = (HOST, "U0HOST002", "U0HOST003")
OTHER_TELEPHONE = "+12125550124"
HABITS: Mapping[Behaviour, int] = {"admit": 5, "answer": 4, "voicemail": 2, "nobody": 2, "busy": 1}
TOML = (
    ALWAYS_OPEN_TOML.replace(f'["{HOST}"]', json.dumps(HOSTS))
    .replace(f'["{TELEPHONE}"]', json.dumps([TELEPHONE, OTHER_TELEPHONE]))
    .replace("\n[hours]", '\nask_for = "4s"\npatience = "32s"\n\n[hours]')
)


@dataclass
class Message:
    """A message in the channel, with all that it has ever shown."""

    ts: str
    calls: frozenset[str]  # the visits that its buttons are about
    texts: list[str]


class Slack(StandIn):
    """Takes messages and edits. While `is_moody`, it is now and then slow, busy, or does not say that it took one."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: dict[str, Message] = {}
        self.told: list[str] = []  # privately, after a press
        self.is_moody = True
        self._numbers = count(1)

    def asked(self, call: str) -> list[Message]:
        """The messages with buttons about this visit."""
        return [message for message in list(self.posted.values()) if call in message.calls]

    def _take(self, request: Received) -> Answer:
        mood = random.random() if self.is_moody else 1
        if request.path == "/respond":
            self.told.append(request.fields["text"])
            return Answer()
        if request.path == "/users.info":
            return Answer({"ok": True, "user": {"id": request.fields["user"]}})
        if mood < 0.04:
            return Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "1"})
        with self._arrived:
            answer = self._sent(request.fields) if "chat.postMessage" in request.path else self._edited(request.fields)
        lost, slow = mood < 0.08, mood < 0.2
        return Answer(answer, raw=b"" if lost else None, delay=random.uniform(0, 1) if slow else 0)

    def _sent(self, fields: Mapping[str, object]) -> dict[str, object]:
        ts = f"1700000000.{next(self._numbers):06}"
        self.posted[ts] = Message(ts, frozenset(_calls(fields)), [str(fields["text"])])
        return {"ok": True, "ts": ts}

    def _edited(self, fields: Mapping[str, object]) -> dict[str, object]:
        ts = str(fields.get("ts"))
        if ts not in self.posted:
            return {"ok": False, "error": "message_not_found"}
        self.posted[ts].texts.append(str(fields["text"]))
        return {"ok": True, "ts": ts}


def _calls(fields: Mapping[str, object]) -> Iterator[str]:
    """The visits that the buttons of a message let in or turn away."""
    blocks = fields.get("blocks") or []
    for block in json.loads(blocks) if isinstance(blocks, str) else blocks:  # type: ignore[attr-defined]
        for button in block.get("elements", ()):
            if button["action_id"] in ("admit", "turn_away"):
                yield button["value"].split()[1]


@dataclass(frozen=True)
class Call:
    """One visitor's call, from the outside."""

    id: str
    telephones: Mapping[str, Behaviour]
    story: Story

    @property
    def heard_a_tone(self) -> bool:
        return bool(self.story.released or self.story.audio)

    @property
    def end_was_reported(self) -> bool:
        return not any("cannot report" in moment.text for moment in self.story.moments)

    @property
    def text(self) -> str:
        return "\n".join(f"{moment.at:6.1f} {moment.text}" for moment in self.story.moments)


def pass_by(seconds: float) -> None:
    """What is heard passes faster; what Twilio waits before it tries again does not."""
    time.sleep(seconds / SPEED if seconds <= SLICE_SECONDS else seconds)


class Visitors(Crowd):
    """Each rings again and again, every time a new call; leaving the context waits for the end of their calls."""

    def __init__(self, house: Building, twilio: TwilioApi, door: Door) -> None:
        super().__init__(AT_ONCE, self._ring_again_and_again)
        self.calls: list[Call] = []
        self.failures: list[str] = []
        self._house, self._twilio, self._door = house, twilio, door

    def _ring_again_and_again(self) -> None:
        while not self._end.wait(random.uniform(0, 1)):
            call = new_call()
            try:
                self.calls.append(self._ring(call))
            except DoorBotError as error:  # what ends a call with Twilio's own error message
                self.failures.append(f"{call}: {error}")

    def _ring(self, call: str) -> Call:
        habits = random.choices(list(HABITS), list(HABITS.values()), k=2)
        telephones = dict(zip((TELEPHONE, OTHER_TELEPHONE), habits, strict=True))
        story = place_call(
            public_url=PUBLIC_URL,
            account_sid=ACCOUNT_SID,
            auth_token=AUTH_TOKEN,
            number=NUMBER,
            caller=INTERCOM,
            url=self._house.server.url,
            telephones=telephones,
            hang_up_after=random.uniform(2, 20) if random.random() < 0.1 else None,
            real_time="all",
            sleep=pass_by,
            call_sid=call,
            moves=self._twilio.register(call),
            fallback=fallback_twiml(self._door).replace('timeout="40"', 'timeout="6"'),
        )
        return Call(call, telephones, story)


@dataclass
class Press:
    """A finger on a button; `answered` once the server has said that it came."""

    call: str
    host: str
    action: str
    trigger: str = field(default_factory=lambda: uuid4().hex)
    answered: bool = False

    @property
    def decision(self) -> tuple[str, str, str]:
        return self.call, self.host, self.action.partition(":")[0]


class Hosts:
    """They read what is asked in the channel, and press when they like to: some at once, some too late, some never."""

    def __init__(self, house: Building, slack: Slack) -> None:
        self.presses: list[Press] = []
        self._house, self._slack = house, slack
        self._end = Event()
        self._fingers = ThreadPoolExecutor(2 * AT_ONCE)
        self._reader = Thread(target=self._read)

    def __enter__(self) -> "Hosts":
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._reader.join()
        self._fingers.shutdown()

    def _read(self) -> None:
        seen: set[str] = set()
        while not self._end.wait(0.05):
            for message in list(self._slack.posted.values()):
                if message.calls and message.ts not in seen:
                    seen.add(message.ts)
                    for _ in range(random.choice((0, 1, 1, 1, 2))):  # two may be at it at once
                        self._fingers.submit(self._answer, message)

    def _answer(self, message: Message) -> None:
        action = random.choices(("admit", "turn_away", "admit:unlock"), (12, 5, 1))[0]
        (call,), host = message.calls, random.choice(HOSTS)
        self._end.wait(random.uniform(0, 6))
        for _ in range(3):  # nothing happened: they press again
            if self._press(message, Press(call, host, action)):
                break
        if action == "admit:unlock":
            self._lock(host)

    def _press(self, message: Message, press: Press) -> bool:
        """Press, and deliver it once more where nothing answers."""
        self.presses.append(press)
        more = f"front {press.call}" + (" unlock" if press.action == "admit:unlock" else "")
        payload = press_payload(
            press.action,
            more,
            press.host,
            trigger_id=press.trigger,
            container={"type": "message", "message_ts": message.ts},
            response_url=f"{self._slack.url}/respond",
        )
        press.answered = self._deliver({"payload": json.dumps(payload)}) is not None
        return press.answered

    def _lock(self, host: str) -> None:
        self._end.wait(2)
        while "locked" not in (self._deliver(command_form("lock", host)) or ""):
            time.sleep(0.2)

    def _deliver(self, form: Mapping[str, str]) -> str | None:
        """The answer, None where there is none; what is delivered again is the same to the last byte."""
        body = urlencode(form)
        for _ in range(2):
            try:
                status, answer = self._house.server.post("/slack/events", body, slack_headers(body))
            except (OSError, HTTPException):
                time.sleep(0.3)
                continue
            assert status == 200, answer
            return answer
        return None


@contextmanager
def trouble_at_twilio(twilio: TwilioApi) -> Iterator[None]:
    """Now and then a call can't be moved, or its move is confirmed too late."""
    end = Event()

    def trouble() -> None:
        while not end.wait(random.uniform(3, 9)):
            if random.random() < 0.5:
                twilio.fail(BROKEN)
            else:
                twilio.hang(4, acts=random.random() < 0.5)

    thread = Thread(target=trouble)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
