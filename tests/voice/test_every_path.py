"""The visitor's side of every path, told second by second, in each language and for patient and impatient intercoms.

`Panel.ring` holds every call to what all of them promise: never more than five seconds of silence, an end, within the
intercom's patience, and the door's own tone or none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

import config
from app.domain.doors import AfterHours
from app.domain.tones import PROFILES, ToneProfile
from app.ports import Delivery
from app.simulated import line
from app.simulated.telephones import Telephones
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.support import OFFICE_TOML, TELEPHONE
from tests.voice.panel import SECOND, THIRD, AtOnce, Panel, SlowHosts, Then, UnsteadyStore

MONDAY_NOON, SATURDAY_NOON = "2026-11-23T17:00:00Z", "2026-11-28T17:00:00Z"
LANGUAGES = ("en-US", "de-DE", "fr-FR", "es-ES")
OFFICES = (  # language; ask_for and patience in seconds, some as no file may have them
    ("en-US", 25, 55),
    ("de-DE", 25, 55),
    ("fr-FR", 25, 55),
    ("es-ES", 25, 55),
    ("de-DE", 25, 30),
    ("fr-FR", 10, 30),
    ("de-DE", 5, 25),
    ("de-DE", 60, 55),
    ("es-ES", 45, 90),
)
SOME = (OFFICES[0], OFFICES[4])
RINGING = "the call goes to the telephones"
WHISPER = "meanwhile"
NOBODY = ("nobody", "busy", "failed", "reject", "voicemail")
THREE = (TELEPHONE, SECOND, THIRD)


@pytest.fixture(scope="module")
def clock() -> Iterator[FrozenDateTimeFactory]:
    """Stands still except while somebody is on the telephone."""
    with freeze_time(MONDAY_NOON, ignore=["_pytest.timing"]) as frozen:
        yield frozen


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, clock: FrozenDateTimeFactory) -> config.Settings:
    return settings_for(tmp_path_factory.mktemp("office"), OFFICE_TOML)


@pytest.fixture
def hosts() -> FakeHosts:
    return FakeHosts()


@pytest.fixture(autouse=True)
def in_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens in the background happens in the same second."""
    monkeypatch.setattr("app.services.Soon", AtOnce)
    monkeypatch.setattr(line, "SLICE_SECONDS", 0.1)


def _id(office: tuple[str, int, int]) -> str:
    return "-".join(map(str, office))


@pytest.fixture(params=OFFICES, ids=_id)
def panel(
    request: pytest.FixtureRequest,
    clock: FrozenDateTimeFactory,
    settings: config.Settings,
    hosts: FakeHosts,
    tmp_path: Path,
) -> Panel:
    """The front door on a Monday at noon."""
    clock.move_to(MONDAY_NOON)
    language, ask_for, patience = request.param
    spans = {"ask_for": timedelta(seconds=ask_for), "patience": timedelta(seconds=patience)}
    own = {"greeting": "", "language": language}
    door = replace(settings.office.doors["front"], **own, **spans)
    return Panel(settings, UnsteadyStore(SqliteStore(tmp_path / "doorbot.db")), clock, hosts, door)


in_some_offices = pytest.mark.parametrize("panel", SOME, indirect=True, ids=_id)  # where the clock matters less


def is_released(panel: Panel) -> bool:
    return panel.story.released == "99" and panel.was_told("welcome")


# The door is unlocked


def test_an_unlocked_door_is_released(panel: Panel) -> None:
    panel.unlock()
    panel.ring()
    assert is_released(panel)
    assert panel.record == ["ring released unlock"]


@in_some_offices
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_every_tone_is_followed_by_a_welcome(panel: Panel, profile: ToneProfile) -> None:
    panel.change(tone=profile)
    panel.unlock()
    panel.ring()
    assert (len(panel.story.released), len(panel.story.audio)) == (
        (0, 1) if profile.length_ms else (profile.repeats, 0)
    )
    assert panel.was_told("welcome")


# A host answers


@in_some_offices
@pytest.mark.parametrize("is_reachable", [True, False], ids=["moved", "polling"])
@pytest.mark.parametrize("second", [0.1, 1, 3, 6, 9])
def test_a_host_lets_the_visitor_in(panel: Panel, second: float, is_reachable: bool) -> None:
    panel.calls.is_reachable = is_reachable
    panel.ring(Then("", second, panel.admit))
    assert is_released(panel)
    assert panel.record[-1] == "admit released host"
    assert "let the visitor in after" in panel.shown


@in_some_offices
@pytest.mark.parametrize("profile", PROFILES[::2], ids=lambda profile: profile.name)
@pytest.mark.parametrize("during", [RINGING, WHISPER], ids=["ringing", "whisper"])
def test_a_host_lets_the_visitor_in_at_the_last_moment(panel: Panel, during: str, profile: ToneProfile) -> None:
    panel.change(tone=profile)
    panel.ring(Then(during, 2.9, panel.admit), telephones="voicemail")
    assert panel.was_told("welcome")
    assert panel.record[-1] == "admit released host"


@in_some_offices
def test_a_host_lets_the_visitor_in_and_unlocks(panel: Panel) -> None:
    panel.ring(Then("", 2, panel.admit_and_unlock))
    assert is_released(panel)
    assert panel.record[-2:] == ["admit released host", "unlock done"]
    panel.later(minutes=5)
    panel.ring()
    assert panel.record == ["ring released unlock"]


@in_some_offices
@pytest.mark.parametrize("is_reachable", [True, False], ids=["moved", "polling"])
@pytest.mark.parametrize("second", [0.1, 2, 9])
def test_a_host_turns_the_visitor_away(panel: Panel, second: float, is_reachable: bool) -> None:
    panel.calls.is_reachable = is_reachable
    panel.ring(Then("", second, panel.turn_away))
    assert panel.was_told("turned_away")
    assert panel.record[-1] == "turn_away denied"
    assert "turned the visitor away" in panel.shown


# Nobody answers, and the telephones ring


@pytest.mark.parametrize("telephone", NOBODY)
def test_nobody_comes(panel: Panel, telephone: Telephones) -> None:
    panel.ring(telephones=telephone)
    assert panel.was_told("asking")
    assert panel.was_told("nobody")
    assert panel.record[:2] == ["ring asked locked", "forward forwarded nobody_answered"]
    assert panel.record[2].startswith("forward unanswered")
    assert "Nobody came to the telephones" in panel.shown


def test_somebody_takes_the_call(panel: Panel) -> None:
    panel.ring(telephones="answer")
    assert panel.story.answered_by == TELEPHONE
    assert panel.record[-1] == "forward answered"
    assert "Answered by telephone" in panel.shown


def test_somebody_at_a_telephone_lets_the_visitor_in(panel: Panel) -> None:
    panel.ring(telephones="admit")
    assert is_released(panel)
    assert panel.record[-1] == "admit released telephone"
    assert "let the visitor in after" in panel.shown


@in_some_offices
@pytest.mark.parametrize(
    ("habits", "talks_with"),
    [
        (("nobody", "answer", "nobody"), SECOND),
        (("busy", "failed", "answer"), THIRD),
        (("nobody", "busy", "failed"), ""),
        (("voicemail", "voicemail", "voicemail"), ""),
        (("voicemail", "reject", "busy"), ""),
    ],
)
def test_telephones_ring_together(panel: Panel, habits: tuple[str, ...], talks_with: str) -> None:
    panel.change(forward_to=THREE)
    panel.ring(telephones=dict(zip(THREE, habits, strict=True)))
    assert panel.story.answered_by == talks_with
    assert panel.was_told("nobody") is not bool(talks_with)


@pytest.mark.parametrize("habit", ["answer", "admit"])
@pytest.mark.parametrize("machines", [1, 2])
def test_where_a_machine_picks_up_first_the_others_ring_again(panel: Panel, habit: str, machines: int) -> None:
    """While there is patience for it: a call that is forwarded at once is the one with most of it."""
    panel.change(forward_to=THREE, channel="")
    panel.ring(telephones=dict(zip(THREE, ["voicemail"] * machines + [habit], strict=False)))
    rounds = sum(RINGING in text for text in panel.heard)
    assert len(panel.story.picked_up) == rounds
    if rounds > machines:
        assert panel.record[-1] in ("forward answered", "admit released telephone")
    else:
        assert panel.was_told("nobody")
    assert rounds > machines or panel.door.patience < timedelta(seconds=50 * machines)


# The visitor hangs up


@in_some_offices
@pytest.mark.parametrize("telephone", ["nobody", "answer", "admit", "voicemail"])
@pytest.mark.parametrize("second", [0.1, 3.5, 12, 20, 34])
def test_a_visitor_who_hangs_up_is_on_record(panel: Panel, second: float, telephone: Telephones) -> None:
    """Unless it was settled before: somebody talked, the tone was on its way, nobody was there."""
    panel.ring(telephones=telephone, hang_up_after=second)
    settled = ("forward answered", "admit released", "forward unanswered")
    assert panel.record[-1].startswith(("end hung_up", *settled))
    if panel.record[-1] == "end hung_up":
        assert panel.story.seconds == second
        assert "hung up" in panel.shown
    elif panel.story.ended_by == "visitor":
        assert any(text.startswith(("talks", "meanwhile")) for text in panel.heard) or panel.was_told("nobody")


# Slack does not confirm


@in_some_offices
@pytest.mark.parametrize("delivery", [Delivery.REFUSED, Delivery.TRY_LATER, Delivery.UNKNOWN])
def test_where_slack_does_not_take_the_question_the_telephones_ring(
    panel: Panel, hosts: FakeHosts, delivery: Delivery
) -> None:
    hosts.delivery = delivery
    panel.ring(telephones="answer")
    assert panel.rang_at <= 8
    assert "forward forwarded slack_unconfirmed" in panel.record
    assert panel.story.answered_by == TELEPHONE


@in_some_offices
def test_where_slack_refuses_for_good_it_is_on_record(panel: Panel, hosts: FakeHosts) -> None:
    hosts.delivery = Delivery.REFUSED
    panel.ring()
    assert "tell refused slack_refused" in panel.record
    assert panel.record[-1] == "forward unanswered no-answer"


class TestSlowSlack:
    """A Slack that does not say whether it took the question."""

    @pytest.fixture
    def in_step(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Somebody has to wait for Slack, in a thread."""

    @pytest.fixture
    def hosts(self) -> Iterator[SlowHosts]:
        hosts = SlowHosts()
        yield hosts
        hosts.let_go()

    def test_the_telephones_ring_though_slack_never_confirms(self, panel: Panel) -> None:
        panel.ring(telephones="answer")
        assert panel.rang_at <= 12
        assert "forward forwarded slack_unconfirmed" in panel.record or panel.door.hold <= timedelta(seconds=5)
        assert panel.story.answered_by == TELEPHONE


def test_a_door_without_a_channel_goes_to_the_telephones_at_once(panel: Panel) -> None:
    panel.change(channel="")
    panel.ring(telephones="answer")
    assert panel.told_at("calling") == 0
    assert panel.record == ["ring forwarded locked", "forward answered"]


# Outside working hours

AFTER_HOURS: Mapping[AfterHours, tuple[str, str]] = {
    AfterHours.FORWARD: ("nobody", "forward unanswered no-answer"),
    AfterHours.ASK: ("nobody", "forward unanswered no-answer"),
    AfterHours.CLOSED: ("closed", "denied closed"),
}


@in_some_offices
@pytest.mark.parametrize("has_code", [False, True], ids=["", "code"])
@pytest.mark.parametrize("after_hours", AFTER_HOURS)
def test_outside_working_hours(
    panel: Panel, clock: FrozenDateTimeFactory, after_hours: AfterHours, has_code: bool
) -> None:
    clock.move_to(SATURDAY_NOON)
    panel.change(after_hours=after_hours)
    if has_code:
        panel.issue_code()
    panel.ring()
    sentence, end = AFTER_HOURS[after_hours]
    assert panel.was_told(sentence)
    assert panel.record[-1].endswith(end)
    assert panel.was_told("code") is has_code or after_hours is AfterHours.ASK


@in_some_offices
@pytest.mark.parametrize("after_hours", AFTER_HOURS)
def test_outside_working_hours_a_code_releases(
    panel: Panel, clock: FrozenDateTimeFactory, after_hours: AfterHours
) -> None:
    clock.move_to(SATURDAY_NOON)
    panel.change(after_hours=after_hours)
    panel.ring(digits=panel.issue_code())
    assert is_released(panel)
    assert panel.record[-1] == "use_code released code"


# A code is keyed


@in_some_offices
@pytest.mark.parametrize("key_every", [0.2, 1, 1.9])
@pytest.mark.parametrize("digits_after", [0.5, 3, 4])
def test_a_right_code_releases(panel: Panel, digits_after: float, key_every: float) -> None:
    panel.ring(digits=panel.issue_code(), digits_after=digits_after, key_every=key_every)
    if digits_after <= panel.door.hold.total_seconds():
        assert is_released(panel)
        assert panel.record[-1] == "use_code released code"
        assert "keyed the code FedEx" in panel.shown
    else:  # the telephones may be ringing already
        assert is_released(panel) or panel.was_told("nobody")


def test_a_code_is_keyed_slowly(panel: Panel) -> None:
    """Each poll carries the digits on, where there is patience for so long."""
    panel.ring(digits=panel.issue_code(), digits_after=3, key_every=2.5)
    if panel.door.patience >= timedelta(seconds=50):
        assert is_released(panel)
    else:
        assert panel.was_told("nobody")


def test_a_wrong_code_and_then_the_right_one(panel: Panel) -> None:
    panel.ring(digits="654320" + panel.issue_code())
    assert is_released(panel)
    assert panel.was_told("wrong_code")
    assert panel.record[-2:] == ["use_code denied wrong_code", "use_code released code"]


def test_a_right_code_in_a_lockout_changes_nothing(panel: Panel) -> None:
    code = panel.issue_code()
    for _ in range(3):
        panel.ring(digits="654320654320")
        panel.later(minutes=1)
    panel.ring(digits=code)
    assert panel.was_told("wrong_code")
    assert panel.was_told("nobody")
    assert "use_code denied lockout" in panel.record


@in_some_offices
@pytest.mark.parametrize("digits_after", [0.5, 3, 20])
@pytest.mark.parametrize("telephone", ["nobody", "voicemail", "answer"])
def test_a_code_that_is_begun_and_not_finished(panel: Panel, telephone: Telephones, digits_after: float) -> None:
    panel.issue_code()
    panel.ring(digits="123", digits_after=digits_after, key_every=1.5, telephones=telephone)
    assert panel.was_told("nobody") or panel.story.answered_by
    assert not any("use_code" in line for line in panel.record)


@pytest.mark.parametrize("telephone", ["nobody", "voicemail"])
def test_keys_that_are_pressed_without_end(panel: Panel, telephone: Telephones) -> None:
    panel.issue_code()
    panel.ring(digits="65432" * 9, digits_after=1, key_every=2.2, telephones=telephone)
    assert panel.was_told("nobody")


# Something changes while the visitor waits


@in_some_offices
@pytest.mark.parametrize("second", [0.5, 2, 3.5])
def test_an_unlock_releases_whoever_is_held(panel: Panel, second: float) -> None:
    panel.ring(Then("", second, panel.unlock))
    assert is_released(panel)
    assert panel.record[-1] == "ring released unlock"


@in_some_offices
@pytest.mark.parametrize("telephone", ["nobody", "answer", "admit"])
def test_a_lockdown_leaves_only_the_telephones(panel: Panel, telephone: Telephones) -> None:
    panel.ring(Then("", 2, panel.lock_down), telephones=telephone)
    assert panel.rang_at <= 8
    assert not panel.story.released
    assert "forward forwarded lockdown" in panel.record
    assert panel.was_told("nobody") or panel.story.answered_by


@pytest.mark.parametrize("telephone", ["nobody", "answer", "admit", "voicemail"])
def test_a_lockdown_while_the_telephones_ring(panel: Panel, telephone: Telephones) -> None:
    panel.ring(Then(RINGING, 2, panel.lock_down), telephones=telephone)
    assert not panel.story.released
    assert panel.was_told("nobody") or panel.story.answered_by


# The store is away


@in_some_offices
@pytest.mark.parametrize("telephone", ["nobody", "answer", "admit", "voicemail"])
@pytest.mark.parametrize("second", [0, 2, 7.6, 9.5, 10.5])
@pytest.mark.parametrize("for_seconds", [4, None])
def test_without_its_store_a_call_reaches_a_human(
    panel: Panel, telephone: Telephones, second: float, for_seconds: float | None
) -> None:
    """Lost at the ring, at a poll, while the telephones ring, at a whisper, at the end. All is on record later."""
    thens = [Then("", second, panel.lose_store)]
    thens += [Then("", second + for_seconds, panel.find_store)] if for_seconds else []
    panel.ring(*thens, telephones=telephone)
    assert panel.was_told("nobody") or panel.story.answered_by or panel.was_told("welcome")
    panel.find_store()
    panel.later(minutes=11)
    panel.office.sweep()
    assert panel.is_on_record
