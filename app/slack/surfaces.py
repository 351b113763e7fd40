"""The App Home and the dialogs: what Slack sends of them."""

import logging
import re
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App

from app.clock import utcnow
from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.office import Office
from app.domain.outcomes import RefusalReason, Refused
from app.ports import Hosts
from app.slack import home, inputs, modals
from app.slack.answering import Answering
from app.slack.commands import Commands, Person
from app.slack.dialogs import DIALOGS
from app.slack.modals import Opened, Wrong
from app.slack.presses import worth
from app.slack.senders import presser, viewer
from app.usecases.following import ALL_RIGHTS, Following
from app.usecases.requests import Request

logger = logging.getLogger(__name__)

TO_BE_MENDED = (RefusalReason.NOT_UNDERSTOOD, RefusalReason.PAST, RefusalReason.OUTSIDE_HOURS)
SHOWN = {"log": (Action.LOG, "The log"), "report": (Action.REPORT, "The report")}
NOTHING_CHANGED = "Nothing was changed"
ANY = re.compile("")


class Surfaces:
    """Listens to what happens in the App Home and in dialogs. What takes long is done in `later`'s threads."""

    def __init__(
        self,
        office: Office,
        commands: Commands,
        following: Following,
        hosts: Hosts,
        answering: Answering,
        later: Executor,
    ) -> None:
        self._office = office
        self._commands = commands
        self._following = following
        self._hosts = hosts
        self._answer = answering
        self._later = later

    def listen(self, bolt: App) -> None:
        """Take over what belongs to them."""
        bolt.event("app_home_opened")(self.opened)
        bolt.action("home:door")(self.chose)
        bolt.action("schedule:change")(self.change)
        bolt.action(re.compile(rf"modal:({'|'.join(DIALOGS)})\Z"))(self.ask)
        bolt.action(re.compile(rf"show:({'|'.join(SHOWN)})\Z"))(self.show)
        bolt.view(ANY)(self.submitted)
        bolt.view_closed(ANY)(lambda ack: ack())

    def opened(self, body: dict[str, Any], event: dict[str, Any]) -> None:
        """Somebody looks at the App Home; its messages tab sends the same event."""
        if event.get("tab") == "home" and isinstance(event.get("user"), str):
            self._later.submit(self._home, viewer(body, event), self._following.opened)

    def chose(self, ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        """Somebody chose a door in the App Home."""
        ack()
        door_id = worth(action)
        self._later.submit(self._home, presser(body), lambda request: self._following.chose(request, door_id))

    def acted(self, person: Person) -> None:
        """Somebody did something: if the App Home is open, it shows that at once."""
        if self._following.follows(person.user_id):
            self._later.submit(self._home, person, self._following.acted)

    def ask(self, ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        """A button that opens a dialog, before the three seconds of its trigger are over."""
        self._open(action["action_id"].partition(":")[2], worth(action), presser(body))
        ack()

    def change(self, ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        """What was chosen for one schedule: done at once, or asked more about."""
        word, _, target = worth(action).partition(" ")
        person = presser(body)
        if word in DIALOGS:
            self._open(word, target, person)
        elif word in (Action.REMOVE_SCHEDULE, Action.RESUME_SCHEDULE):
            door_id, _, rest = target.partition(" ")
            self.carry_out(Command(Action(word), door_id, rest), person)
        ack()

    def show(self, ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        """A button that shows in a dialog what could be asked for with a command."""
        what, title = SHOWN[action["action_id"].partition(":")[2]]
        person, door_id = presser(body), worth(action)
        answer = self._answer(lambda: self._commands.carry_out(Command(what, door_id), replace(person, delivery="")))
        self._show(person, title, answer["text"])
        ack()

    def carry_out(self, command: Command, person: Person) -> None:
        """Do what was pressed in the App Home, where there is no room for an answer but a refusal is told."""
        outcomes: list[object] = []
        answer = self._answer(lambda: self._commands.carry_out(command, person, outcomes.append))
        is_refused = any(isinstance(each, Refused) for each in outcomes)
        is_unconfirmed = any(getattr(each, "unconfirmed", False) for each in outcomes)
        if (
            is_refused or is_unconfirmed or not outcomes
        ):  # of a press that came before, or met a fault, the text says all
            self._show(person, NOTHING_CHANGED if is_refused else "DoorBot", answer["text"])
        self.acted(person)

    def submitted(self, ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        """A dialog: what has to be mended is said at its input, everything else in its place."""
        dialog = DIALOGS.get(view["callback_id"])
        if dialog is None:  # one of another release
            ack()
            return
        door_id, _, rest = view.get("private_metadata", "").partition(" ")
        outcomes: list[object] = []
        try:
            command = dialog.reads(inputs.fields(view), rest)
        except Wrong as wrong:
            ack(modals.error(wrong.field, str(wrong)))
            return
        command = replace(command, door_id=command.door_id or door_id)
        person = presser(body)
        text = self._answer(lambda: self._commands.carry_out(command, person, outcomes.append))["text"]
        refused = [each for each in outcomes if isinstance(each, Refused)]
        if refused and len(refused) == len(outcomes) and refused[0].reason in TO_BE_MENDED:
            ack(modals.error(dialog.blamed, text))
        else:
            ack(modals.answer(dialog.title, text))
        self.acted(person)

    def _open(self, name: str, target: str, person: Person) -> None:
        """Asks nobody anything; but only our own workspace gets to know the doors."""

        def dialog() -> dict[str, Any]:
            door_id, _, rest = target.partition(" ")
            door = self._office.door(door_id)  # one that is no more must not become another one
            opened = Opened([*self._office.doors.values()], door.id, rest, utcnow())
            return {"view": DIALOGS[name].view(name, opened)}

        if self._commands.is_ours(person):
            answer = self._answer(dialog)
            view = answer.get("view") or modals.shown(NOTHING_CHANGED, answer["text"])
            self._hosts.open_view(person.delivery, view)

    def _show(self, person: Person, title: str, text: str) -> None:
        """Show a dialog after what took its time: the press itself has to be acknowledged within three seconds."""
        self._later.submit(self._hosts.open_view, person.delivery, modals.shown(title, text))

    def _home(self, person: Person, show: Callable[[Request], None]) -> None:
        """Whatever goes wrong is said in the App Home too."""

        def shown() -> dict[str, Any]:
            show(self._commands.request(Command(ALL_RIGHTS), replace(person, delivery="")))
            return {}

        if answer := self._answer(shown):
            self._hosts.show_home(person.user_id, home.said(answer["text"]))
