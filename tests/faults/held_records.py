"""What came of held calls: everything that must not be so about one, from its story and from the record."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app import Services
from app.clock import utcnow
from app.domain import visit_sentences
from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.domain.receipts import Receipt
from app.domain.visits import LOST_AFTER, Visit, VisitState
from app.languages import say
from app.ports import Key, entries, partition
from app.slack.blocks import escaped
from app.usecases.housekeeping import Housekeeping
from app.usecases.notices import Notices
from app.usecases.questions import Questions
from app.usecases.retention import Retention
from app.usecases.steps import visit_key
from tests.faults.held_calls import Call, Press, Slack

FRONT = partition("front")
NO_WORDS = '"text": ""'  # who presses and decides is answered by the message itself
NOBODY, TURNED_AWAY = say("nobody", "en-US"), say("turned_away", "en-US")
STATES = {"admit": VisitState.RELEASED, "turn_away": VisitState.TURNED_AWAY}

Decision = tuple[str, str, str]  # a visit, a host, an action


@dataclass
class Day:
    """What visitors heard and hosts pressed, and what is on record, before and after the end of what was lost."""

    slack: Slack
    calls: list[Call]
    presses: list[Press]
    services: Services
    decided: set[Decision] = field(default_factory=set)
    unheeded: list[Press] = field(default_factory=list)
    before: dict[str, Visit | None] = field(default_factory=dict)
    visits: dict[str, Visit | None] = field(default_factory=dict)
    events: dict[str, list[AuditEvent]] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)

    def settle(self) -> "Day":
        """Read what the server left behind, and do what its housekeeping would do in the next minutes."""
        self.before = self._visits()
        self._read_receipts()
        for minutes in (0, 2, 4):  # the claims of processes that died are given up
            keep_house(self.services, utcnow() + timedelta(minutes=minutes))
        for minutes in (1, 3, 5):
            keep_house(self.services, utcnow() + LOST_AFTER + timedelta(minutes=minutes))
        self.visits = self._visits()
        for entry in [*entries(self.services.store, FRONT)][::-1]:
            self.numbers.append(entry.seq)
            self.events.setdefault(entry.event.visit, []).append(entry.event)
        return self

    def _visits(self) -> dict[str, Visit | None]:
        snapshot = self.services.store.read(FRONT, *(visit_key(call.id) for call in self.calls))
        return {call.id: snapshot.get(visit_key(call.id)) for call in self.calls}

    def _read_receipts(self) -> None:
        """What each press came to."""
        keys = [Key[Receipt](f"receipt:{press.trigger}") for press in self.presses]
        snapshot = self.services.store.read(FRONT, *keys)
        for press, receipt in zip(self.presses, map(snapshot.get, keys), strict=True):
            if receipt and NO_WORDS in receipt.answer:
                self.decided.add(press.decision)
            if press.answered and not receipt:
                self.unheeded.append(press)

    def figures(self) -> dict[str, int]:
        """How often what happened."""
        found: Counter[str] = Counter(calls=len(self.calls), presses=len(self.presses), decisions=len(self.decided))
        for call in self.calls:
            visit, outcomes = self.visits[call.id], [event.outcome for event in self.events.get(call.id, [])]
            found["tones"] += call.heard_a_tone
            found["fallbacks"] += call.story.fell_back
            found["tones after a fallback"] += call.heard_a_tone and call.story.fell_back
            found["talks"] += bool(call.story.answered_by)
            found["visitors who hung up"] += call.story.ended_by == "visitor"
            found["rings that reached nobody's record"] += visit is None
            found["released and not heard"] += Outcome.RELEASED in outcomes and not call.heard_a_tone
            found["of these known to have missed it"] += bool(visit and visit.missed_the_tone)
            found["ends that were lost"] += Outcome.LOST in outcomes
            found["questions of unknown fate"] += Outcome.UNKNOWN in outcomes
            found[f"state {visit.state if visit else None}"] += 1
        return dict(found)


def keep_house(services: Services, now: datetime) -> None:
    """What a process of the server does every two seconds."""
    office, store, hosts = services.office, services.store, services.hosts
    housekeeping = Housekeeping(store, services.visits, office, Retention(store, services.seal_keys))
    housekeeping.sweep(now)
    questions = Questions(store, hosts, office.doors, services.holding, lambda *_: None, lambda: now)
    questions.sweep(questions.settle)
    Notices(store, hosts, housekeeping.partitions).deliver(lambda: now)


def oddities(day: Day, call: Call) -> Iterator[str]:
    """Whatever must not be so about this call."""
    visit, events = day.visits[call.id], day.events.get(call.id, [])
    yield from _tones(call, visit, events)
    if visit is None:
        if events:
            yield "events of a visit that nobody knows"
        return
    yield from _deciders(day, call, visit, events)
    yield from _ends(day, call, visit, events)
    yield from _messages(day, call, visit, events)


def _tones(call: Call, visit: Visit | None, events: list[AuditEvent]) -> Iterator[str]:
    """A tone is heard if and only if a release is on record, unless the call had just got away from the server."""
    releases = sum(event.outcome == Outcome.RELEASED for event in events)
    got_away = call.story.fell_back or call.story.ended_by == "visitor"
    if releases > 1:
        yield "released more than once"
    if call.heard_a_tone and not (releases and visit and visit.state is VisitState.RELEASED):
        yield "a tone that is not on record"
    if releases and not call.heard_a_tone and not got_away:
        yield "a release that was not heard"
    if visit and visit.missed_the_tone and not any(event.action == Action.END for event in events):
        yield "a release that was not heard, and does not show as such"
    if visit and visit.missed_the_tone and call.heard_a_tone:
        yield "a tone that was heard, and shows as missed"
    reached_somebody = call.story.answered_by or NOBODY in call.text or TURNED_AWAY in call.text
    if not (call.heard_a_tone or reached_somebody or call.story.ended_by == "visitor"):
        yield "a visitor who was left alone"


def _deciders(day: Day, call: Call, visit: Visit, events: list[AuditEvent]) -> Iterator[str]:
    """Who decided, did so for this call; and what was decided holds."""
    decisions = {
        (event.visit, event.actor, event.action.value)
        for event in events
        if event.action in STATES and event.source is Source.SLACK and event.outcome is not Outcome.REFUSED
    }
    if decisions != {decision for decision in day.decided if decision[0] == call.id}:
        yield f"these are on record: {decisions}"
    if not decisions <= {press.decision for press in day.presses}:
        yield "a decision that nobody took"
    if any((visit.by, visit.state) != (host, STATES[action]) for _, host, action in decisions):
        yield "a decision that was lost"
    if TURNED_AWAY in call.text and visit.state is not VisitState.TURNED_AWAY:
        yield "a visitor who was turned away by nobody"
    if visit.reason == "telephone" and call.telephones.get(visit.by) != "admit":
        yield "a telephone that let nobody in"
    talked = call.story.answered_by or call.story.ended_by == "visitor"
    if visit.state is VisitState.ANSWERED and not talked:
        yield "a talk that never was"


def _ends(day: Day, call: Call, visit: Visit, events: list[AuditEvent]) -> Iterator[str]:
    before = day.before[call.id]
    if not visit.is_over or visit.is_waiting:
        yield "a visit without an end"
    if any(event.outcome == Outcome.LOST for event in events) and before and before.is_over:
        yield "an end that was reported and lost"
    if sum(event.action == Action.END for event in events) > 1:
        yield "two ends"


def _messages(day: Day, call: Call, visit: Visit, events: list[AuditEvent]) -> Iterator[str]:
    """Asked once, in a message that shows the end; where its fate is unknown that is on record, and the end told."""
    asked, told = day.slack.asked(call.id), any(event.action == Action.TELL for event in events)
    ending = escaped(visit_sentences.message(visit, day.services.office.doors["front"], ""))
    if len(asked) > 1:
        yield "a question that was posted twice"
    if asked and not visit.is_asked:
        yield "a question that was not to be asked"
    if visit.is_asked and not any(message.texts[-1] == ending for message in day.slack.posted.values()):
        yield f"no message says: {ending}"
    if asked and asked[0].texts[-1] != ending and not told:
        yield f"its message says: {asked[0].texts[-1]}"
