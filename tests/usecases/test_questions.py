"""The message that asks: posted once, edited as the visit goes on, whatever Slack does and whoever dies."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.domain.audit import AuditEvent
from app.domain.doors import DoorState
from app.domain.notices import Button, Notice
from app.domain.questions import FATE_UNKNOWN_AFTER, KEPT_FOR, Question
from app.domain.unlocks import Terms, Unlock
from app.domain.visits import Visit, VisitState
from app.ports import Delivery, Key, Posted, Store, entries, partition
from app.usecases import holding as holding_module
from app.usecases import questions as questions_module
from app.usecases.answers import Answers
from app.usecases.questions import Questions
from app.usecases.steps import nobody, question_key, visit_key
from app.usecases.telephones import Telephones
from app.usecases.unlocks import STATE
from app.usecases.visits import Visits
from tests.conftest import FakeHosts
from tests.support import HOST, INTERCOM, TELEPHONE, a_door, a_holding, asked, local

NOON = local("2026-11-23T12:00")
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
DOOR, CALL, CHANNEL = a_door(), "CA1", "C0FRONTDOOR"
VALUE = f"front {CALL}"
TERMS = Terms(timedelta(hours=2), timedelta(hours=8))
LATER, REFUSED, UNKNOWN = Posted(Delivery.TRY_LATER), Posted(Delivery.REFUSED), Posted(Delivery.UNKNOWN)
ASKING = ":bell: Somebody is ringing at the front door (12:00). Let them in?"
RANG = "12:00: somebody rang at the front door."
RINGING = f"{RANG} The telephones are ringing."
LET_IN = f"{RANG} :white_check_mark: <@{HOST}> let the visitor in after 0 s."
HUNG_UP = f"{RANG} :dash: The visitor hung up before anybody answered."
ANSWERED = f"{RANG} :telephone_receiver: Answered by telephone …0123 after 0 s."


class Slack(FakeHosts):
    """Answers as it is told, in turn; `during` is what happens while it is being called."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: list[Posted] = []
        self.during: list[Callable[[], object]] = []
        self.tried: list[str] = []

    def post(self, channel: str, text: str, buttons: Sequence[Button] = (), thread: str = "") -> Posted:
        return self._next("post", lambda: super(Slack, self).post(channel, text, buttons, thread))

    def edit(self, channel: str, ts: str, text: str, buttons: Sequence[Button] = ()) -> Posted:
        return self._next("edit", lambda: super(Slack, self).edit(channel, ts, text, buttons))

    def _next(self, method: str, carry_out: Callable[[], Posted]) -> Posted:
        self.tried.append(method)
        if self.during:
            self.during.pop(0)()
        return self.outcomes.pop(0) if self.outcomes else carry_out()

    @property
    def texts(self) -> list[str]:
        """What the one message there is showed, one text after the other."""
        assert len(self.messages) <= 1
        return [shown.text for message in self.messages.values() for shown in message]


class Channel:
    """A visit at the front door, and its message."""

    def __init__(self, store: Store, slack: Slack) -> None:
        self.store = store
        self.slack = slack
        self.now = NOON
        self.moved: list[str] = []
        self.questions = self.process()
        self.answers = Answers(store, TERMS, nobody, nobody)
        self.holding = a_holding(store)
        self.telephones = Telephones(store, nobody)
        self.visits = Visits(store)

    def process(self) -> Questions:
        """Another process at the same store."""
        holding = a_holding(self.store)
        move = lambda _, call: self.moved.append(call)  # noqa: E731
        return Questions(self.store, self.slack, {"front": DOOR}, holding, move, lambda: self.now)

    def ring(self) -> None:
        self.visits.ring(DOOR, CALL, INTERCOM, self.now)

    def settle(self, after: timedelta = timedelta()) -> None:
        self.now += after
        self.questions.settle(DOOR, CALL)

    def due(self) -> list[str]:
        """The calls whose messages the background would bring on now."""
        found: list[str] = []
        self.questions.sweep(lambda _, call: found.append(call))
        return found

    def admit(self, message: str = "", *, unlock: bool = False) -> object:
        return self.answers.admit(asked(self.now), DOOR, CALL, message, unlock=unlock)

    def hang_up(self) -> None:
        self.visits.ended(DOOR, CALL, self.now)

    def forward(self) -> None:
        """Nobody answered in time."""
        found = self.holding.poll(DOOR, CALL, INTERCOM, "", self.now + DOOR.hold).visit
        assert found is not None
        assert found.state is VisitState.FORWARDED

    @property
    def question(self) -> Question | None:
        return self.store.read(partition("front"), question_key(CALL)).get(question_key(CALL))

    @property
    def visit(self) -> Visit:
        visit = self.store.read(partition("front"), visit_key(CALL)).get(visit_key(CALL))
        assert visit is not None
        return visit

    def told(self) -> list[tuple[str, str]]:
        """What is on record about messages."""
        return [(event.outcome.value, event.reason) for event in self.events() if event.action == "tell"]

    def events(self) -> list[AuditEvent]:
        return [entry.event for entry in entries(self.store, partition("front"))][::-1]

    def notices(self) -> list[str]:
        found = [due for due in self.store.due([partition("front")], self.now, 100) if due.name.startswith("notice:")]
        keys = [Key[Notice](due.name) for due in found]
        return [notice.text for key in keys if (notice := self.store.read(partition("front"), key).get(key))]


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
def channel(store: Store, slack: Slack) -> Channel:
    channel = Channel(store, slack)
    channel.ring()
    return channel


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The telephones ring where Slack does not confirm within a moment."""
    for module in (questions_module, holding_module):
        monkeypatch.setattr(module, "CONFIRMED_WITHIN", timedelta(seconds=0.05))


# Posted once, edited afterwards


def test_a_ring_is_asked_about_with_buttons(channel: Channel, slack: Slack) -> None:
    assert channel.due() == [CALL]
    channel.settle()
    ((shown,),) = slack.messages.values()
    assert (shown.channel, shown.text) == (CHANNEL, ASKING)
    assert [(button.action, button.value, button.style) for button in shown.buttons] == [
        ("admit", VALUE, "primary"),
        ("admit:unlock", f"{VALUE} unlock", ""),
        ("turn_away", VALUE, "danger"),
    ]
    assert (channel.visit.is_confirmed, channel.moved, channel.due()) == (True, [], [])


def test_however_often_it_is_settled_it_is_posted_once(channel: Channel, slack: Slack) -> None:
    for _ in range(3):
        channel.settle()
        channel.process().settle(DOOR, CALL)
    assert slack.tried == ["post"]


def test_a_webhook_that_is_repeated_asks_nobody_again(channel: Channel, slack: Slack) -> None:
    channel.settle()
    channel.ring()
    channel.settle()
    assert slack.tried == ["post"]


def test_the_message_follows_its_visit_and_its_buttons_go(channel: Channel, slack: Slack) -> None:
    channel.settle()
    channel.forward()
    channel.settle()
    channel.admit()
    channel.settle()
    assert slack.texts == [ASKING, RINGING, LET_IN]
    (shown,) = slack.messages.values()
    assert [len(each.buttons) for each in shown] == [3, 3, 0]


def test_what_does_not_change_the_message_edits_nothing(channel: Channel, slack: Slack) -> None:
    channel.settle()
    channel.admit()
    channel.settle()
    channel.holding.poll(DOOR, CALL, INTERCOM, "", channel.now)  # hears the tone
    channel.hang_up()
    channel.settle()
    assert slack.tried == ["post", "edit"]


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (Channel.admit, LET_IN),
        (lambda channel: channel.admit(unlock=True), f"{LET_IN} Until 12:30 every ring is released."),
        (
            lambda channel: channel.answers.turn_away(asked(NOON), DOOR, CALL, ""),
            f"{RANG} :no_entry: <@{HOST}> turned the visitor away after 0 s.",
        ),
        (Channel.hang_up, HUNG_UP),
        (lambda channel: channel.telephones.pressed(DOOR, CALL, TELEPHONE, "1", NOON), ANSWERED),
        (
            lambda channel: channel.telephones.pressed(DOOR, CALL, TELEPHONE, "9", NOON),
            f"{RANG} :white_check_mark: Telephone …0123 let the visitor in after 0 s.",
        ),
        (
            lambda channel: channel.telephones.done(DOOR, CALL, "no-answer", hung_up=False, now=NOON),
            f"{RANG} :warning: Nobody came to the telephones either.",
        ),
        (
            lambda channel: (channel.admit(), channel.hang_up()),
            f"{RANG} <@{HOST}> let the visitor in after 0 s. But the call was over before the tone could be played.",
        ),
    ],
)
def test_how_it_ended_is_what_the_message_says_in_the_end(
    channel: Channel, slack: Slack, end: Callable[[Channel], object], text: str
) -> None:
    channel.settle()
    channel.forward()
    end(channel)
    channel.settle()
    assert slack.texts == [ASKING, text]


def test_a_visitor_released_by_an_unlock_meanwhile_is_told_of(channel: Channel, slack: Slack) -> None:
    channel.settle()
    state = DoorState((Unlock(HOST, NOON, NOON + HOUR),))
    channel.store.commit(channel.store.read(partition("front"), STATE), {STATE: state})
    channel.holding.poll(DOOR, CALL, INTERCOM, "", NOON + 6 * SECOND)
    channel.settle()
    assert slack.texts[-1] == f"{RANG} :white_check_mark: Released after 6 s by the unlock of <@{HOST}>."


def test_a_call_whose_end_nobody_reports_ends_in_its_message(channel: Channel, slack: Slack) -> None:
    channel.settle()
    channel.visits.close_if_lost(DOOR, CALL, NOON + timedelta(minutes=10))
    channel.settle(timedelta(minutes=10))
    assert slack.texts[-1] == HUNG_UP


# What changes while Slack is being told


def test_what_changes_while_it_is_posted_is_edited_in(channel: Channel, slack: Slack) -> None:
    slack.during = [channel.hang_up]
    channel.settle()
    assert slack.texts == [ASKING, HUNG_UP]


def test_what_changes_while_it_is_edited_is_edited_in(channel: Channel, slack: Slack) -> None:
    channel.settle()
    channel.forward()
    slack.during = [channel.admit]
    channel.settle()
    assert slack.texts == [ASKING, RINGING, LET_IN]


def test_a_visit_that_is_over_before_it_is_asked_about_is_told_in_one_message(channel: Channel, slack: Slack) -> None:
    channel.hang_up()
    channel.settle()
    assert (slack.texts, slack.tried) == ([HUNG_UP], ["post"])


def test_a_press_on_a_message_that_slack_has_not_confirmed_yet_is_shown_at_once(channel: Channel, slack: Slack) -> None:
    """Slack shows a message before it says so; whoever presses it must not look at live buttons for a minute."""
    shown: list[list[str]] = []

    def press() -> None:
        channel.admit("1700000000.000000")
        channel.process().settle(DOOR, CALL)
        shown.append(slack.tried.copy())
        slack.outcomes = [Posted(Delivery.DELIVERED, "1700000000.000000")]

    slack.messages["1700000000.000000"] = []
    slack.during = [press]
    channel.settle()
    assert shown == [["post", "edit"]]
    assert (slack.texts, channel.told(), channel.due()) == ([LET_IN], [], [])


def test_a_press_on_a_message_whose_confirmation_is_lost_is_an_edit_and_no_second_message(
    channel: Channel, slack: Slack
) -> None:
    slack.messages["1700000000.000000"] = []
    slack.during = [lambda: channel.admit("1700000000.000000")]
    slack.outcomes = [UNKNOWN]
    channel.settle()
    assert (slack.texts, slack.tried, channel.notices(), channel.told()) == ([LET_IN], ["post", "edit"], [], [])


def test_an_edit_that_arrives_late_does_not_hide_a_newer_one(channel: Channel, slack: Slack) -> None:
    """One process hangs in an edit for so long that another one takes over."""
    channel.settle()
    channel.forward()

    def overtaken() -> None:
        channel.admit()
        channel.now += 20 * SECOND
        channel.process().settle(DOOR, CALL)

    slack.during = [overtaken]
    channel.settle()
    assert slack.texts == [ASKING, LET_IN, RINGING, LET_IN]


def test_an_edit_of_which_nobody_knows_whether_it_came_late_is_made_again(channel: Channel, slack: Slack) -> None:
    channel.settle()
    channel.forward()

    def overtaken() -> None:
        channel.admit()
        channel.now += 20 * SECOND
        slack.outcomes = []
        channel.process().settle(DOOR, CALL)
        slack.outcomes = [UNKNOWN]

    slack.during = [overtaken]
    channel.settle()
    channel.settle(5 * SECOND)
    assert (slack.texts, slack.tried) == ([ASKING, LET_IN, LET_IN], ["post", "edit", "edit", "edit"])


# Several processes, and dead ones


def test_two_processes_at_once_post_one_message_and_edit_each_state_once(store: Store, slack: Slack) -> None:
    channel = Channel(store, slack)
    processes = [channel.process() for _ in range(6)]

    def settle_at_once() -> None:
        start = threading.Barrier(len(processes))
        with ThreadPoolExecutor(len(processes)) as pool:
            list(pool.map(lambda each: (start.wait(), each.settle(DOOR, CALL)), processes))

    channel.ring()
    settle_at_once()
    channel.forward()
    settle_at_once()
    channel.admit()
    settle_at_once()
    assert (slack.texts, slack.tried) == ([ASKING, RINGING, LET_IN], ["post", "edit", "edit"])


@pytest.fixture
def died_while_posting(channel: Channel, slack: Slack) -> Channel:
    """The process that was posting is no more; perhaps the message is there."""
    question = channel.question
    assert question is not None
    snapshot = channel.store.read(partition("front"), question_key(CALL))
    assert channel.store.commit(snapshot, {question_key(CALL): question.posting(channel.now)})
    return channel


def test_a_message_whose_fate_nobody_knows_is_never_posted_again(died_while_posting: Channel, slack: Slack) -> None:
    channel = died_while_posting
    channel.settle(FATE_UNKNOWN_AFTER - SECOND)
    assert (channel.due(), channel.told()) == ([], [])
    channel.now += SECOND
    assert channel.due() == [CALL]
    for _ in range(3):
        channel.settle(HOUR)
    assert (slack.tried, channel.told(), channel.notices()) == ([], [("unknown", "fate_unknown")], [])


def test_its_ending_is_told_once_in_a_message_that_does_not_ask(died_while_posting: Channel, slack: Slack) -> None:
    channel = died_while_posting
    channel.settle(FATE_UNKNOWN_AFTER)
    channel.hang_up()
    for _ in range(3):
        channel.settle(SECOND)
    assert (slack.tried, channel.notices()) == ([], [HUNG_UP])
    assert channel.question is None


def test_an_ending_before_anybody_noticed_is_told_once_too(died_while_posting: Channel, slack: Slack) -> None:
    channel = died_while_posting
    channel.hang_up()
    channel.settle(SECOND)
    assert channel.notices() == []
    for _ in range(3):
        channel.settle(FATE_UNKNOWN_AFTER)
    assert (slack.tried, channel.notices(), channel.told()) == ([], [HUNG_UP], [("unknown", "fate_unknown")])


@pytest.mark.parametrize("is_heard", [True, False])
def test_an_ending_is_told_when_the_tone_was_heard_or_missed(died_while_posting: Channel, is_heard: bool) -> None:
    channel = died_while_posting
    channel.admit()  # by a button that does not say which message it is in
    channel.settle(FATE_UNKNOWN_AFTER)
    assert (channel.notices(), channel.due()) == ([], [CALL])
    if is_heard:
        channel.holding.poll(DOOR, CALL, INTERCOM, "", channel.now)
    else:
        channel.hang_up()
    channel.settle()
    channel.settle(SECOND)
    missed = "" if is_heard else " But the call was over before the tone could be played."
    assert channel.notices() == [(LET_IN if is_heard else LET_IN.replace(":white_check_mark: ", "")) + missed]


@pytest.mark.parametrize("is_known", [False, True])
def test_a_press_tells_which_message_it_is_and_that_is_edited(
    died_while_posting: Channel, slack: Slack, is_known: bool
) -> None:
    channel = died_while_posting
    slack.messages["1700000000.000000"] = []
    if is_known:
        channel.settle(FATE_UNKNOWN_AFTER)
    channel.now = NOON
    channel.admit("1700000000.000000")
    channel.settle()
    channel.settle(FATE_UNKNOWN_AFTER)
    assert (slack.texts, slack.tried, channel.notices()) == ([LET_IN], ["edit"], [])


def test_an_edit_of_a_process_that_died_is_made_by_another(channel: Channel, slack: Slack) -> None:
    channel.settle()
    channel.forward()
    snapshot = channel.store.read(partition("front"), question_key(CALL))
    question = snapshot.get(question_key(CALL))
    assert question is not None
    channel.store.commit(snapshot, {question_key(CALL): question.editing(channel.now)})
    channel.settle()
    assert (slack.texts, channel.due()) == ([ASKING], [])
    channel.now += 15 * SECOND
    assert channel.due() == [CALL]
    channel.settle()
    assert slack.texts == [ASKING, RINGING]


# Slack is busy, says no, or is away


def test_slack_is_left_alone_as_long_as_it_wants(channel: Channel, slack: Slack) -> None:
    slack.outcomes = [Posted(Delivery.TRY_LATER, retry_after=30 * SECOND)]
    channel.settle()
    channel.settle(29 * SECOND)
    assert (slack.tried, channel.due()) == (["post"], [])
    channel.settle(SECOND)
    assert (slack.tried, slack.texts) == (["post", "post"], [RINGING])


@pytest.mark.parametrize("outcome", [LATER, UNKNOWN])
def test_an_edit_that_slack_did_not_take_is_made_later(channel: Channel, slack: Slack, outcome: Posted) -> None:
    channel.settle()
    channel.admit()
    slack.outcomes = [outcome, outcome]
    for seconds in (0, 4, 1, 9, 1):
        channel.settle(seconds * SECOND)
    assert (slack.texts, slack.tried, channel.told()) == ([ASKING, LET_IN], ["post", "edit", "edit", "edit"], [])


def test_a_message_of_unknown_fate_is_not_posted_again_by_the_same_process(channel: Channel, slack: Slack) -> None:
    slack.outcomes = [UNKNOWN]
    channel.settle()
    channel.telephones.pressed(DOOR, CALL, TELEPHONE, "1", channel.now)
    channel.settle(SECOND)
    assert (slack.tried, channel.told()) == (["post"], [("unknown", "fate_unknown")])
    assert channel.notices() == [ANSWERED]


def test_what_slack_refuses_is_on_record_once_and_given_up(channel: Channel, slack: Slack) -> None:
    slack.outcomes = [REFUSED]
    channel.settle()
    channel.hang_up()
    channel.settle(HOUR)
    assert (slack.tried, channel.told(), channel.question) == (["post"], [("refused", "slack_refused")], None)


def test_a_message_that_somebody_deleted_is_given_up(channel: Channel, slack: Slack) -> None:
    channel.settle()
    channel.admit()
    slack.outcomes = [REFUSED]
    channel.settle()
    assert (channel.told(), channel.question, channel.due()) == ([("refused", "slack_refused")], None, [])


@pytest.mark.parametrize("is_posted", [False, True])
def test_after_an_hour_without_slack_it_is_given_up_and_on_record_once(
    channel: Channel, slack: Slack, is_posted: bool
) -> None:
    if is_posted:
        channel.settle()
        channel.hang_up()
    slack.outcomes = [LATER] * 100
    tried = len(slack.tried)
    while channel.question is not None:
        channel.settle(SECOND * 5)
        assert channel.now <= NOON + HOUR + 5 * SECOND
    assert channel.told() == [("refused", "slack_unreachable")]
    assert 10 < len(slack.tried) - tried < 30  # each time twice as late, at most every five minutes


def test_the_record_is_cleaned_up_after_a_day(channel: Channel, slack: Slack) -> None:
    channel.settle()
    channel.hang_up()
    channel.settle()
    channel.now = NOON + KEPT_FOR - SECOND
    assert channel.due() == []
    channel.now += SECOND
    assert channel.due() == [CALL]
    channel.settle()
    assert (channel.question, channel.due(), slack.tried) == (None, [], ["post", "edit"])


def test_a_message_of_a_visit_that_is_forgotten_is_forgotten(channel: Channel, slack: Slack) -> None:
    snapshot = channel.store.read(partition("front"), visit_key(CALL))
    channel.store.commit(snapshot, {visit_key(CALL): None})
    channel.settle()
    assert (channel.question, slack.tried) == (None, [])


# Handed to the telephones


@pytest.mark.parametrize("outcome", [LATER, REFUSED, UNKNOWN])
def test_where_slack_does_not_take_the_question_the_telephones_ring_at_once(
    channel: Channel, slack: Slack, outcome: Posted
) -> None:
    slack.outcomes = [outcome]
    channel.settle()
    assert (channel.visit.state, channel.moved) == (VisitState.FORWARDED, [CALL])
    event = next(event for event in channel.events() if event.action == "forward")
    assert (event.outcome, event.reason) == ("forwarded", "slack_unconfirmed")


def test_where_slack_is_slow_to_confirm_the_telephones_ring_and_the_message_follows(
    channel: Channel, slack: Slack, impatient: None
) -> None:
    rung = threading.Event()
    channel.questions = channel.process()
    slack.during = [lambda: rung.wait(10)]
    move = channel.moved

    class Noting(list[str]):
        def append(self, call: str) -> None:
            move.append(call)
            rung.set()

    channel.moved = Noting()
    channel.settle()
    assert (channel.visit.state, move) == (VisitState.FORWARDED, [CALL])
    assert (slack.texts, slack.tried) == ([ASKING, RINGING], ["post", "edit"])


def test_who_has_been_let_in_meanwhile_is_not_handed_to_the_telephones(channel: Channel, slack: Slack) -> None:
    slack.during = [channel.admit]
    slack.outcomes = [UNKNOWN]
    channel.settle()
    assert (channel.visit.state, channel.moved) == (VisitState.RELEASED, [])


def test_a_question_that_slack_confirmed_is_not_handed_over(channel: Channel) -> None:
    channel.settle()
    assert not channel.holding.hand_over(DOOR, CALL, NOON + SECOND)
    found = channel.holding.poll(DOOR, CALL, INTERCOM, "", NOON + 24 * SECOND).visit
    assert found is not None
    assert found.is_held


@pytest.mark.parametrize(("after", "state"), [(4.9, VisitState.HELD), (5, VisitState.FORWARDED)])
def test_a_call_that_asks_by_itself_goes_to_the_telephones_after_five_seconds_without_slack(
    channel: Channel, after: float, state: VisitState
) -> None:
    found = channel.holding.poll(DOOR, CALL, INTERCOM, "", NOON + timedelta(seconds=after)).visit
    assert found is not None
    assert found.state is state


def test_a_bug_in_one_message_leaves_it_to_be_looked_at_again(channel: Channel, slack: Slack) -> None:
    def fail() -> None:
        raise RuntimeError("made up")

    slack.during = [fail]
    with pytest.raises(RuntimeError):
        channel.settle()
    channel.hang_up()
    channel.settle(FATE_UNKNOWN_AFTER)
    assert channel.notices() == [HUNG_UP]
