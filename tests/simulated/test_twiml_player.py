import queue
from collections.abc import Callable, Mapping

import pytest

from app.simulated.keypad import Keypad
from app.simulated.line import Cut, Line
from app.simulated.twiml_document import TwimlError, Verb, parse
from app.simulated.twiml_player import Player, Step


def document(inside: str) -> tuple[Verb, ...]:
    return parse(f"<?xml version='1.0' encoding='UTF-8'?><Response>{inside}</Response>".encode(), "text/xml")


def played(inside: str, **how: object) -> tuple[Player, Step]:
    keypad = Keypad(**{name: how.pop(name) for name in ("digits", "every", "next_at") if name in how})  # type: ignore[arg-type]
    dialler = how.pop("dialler", None)
    player = Player(Line(**how), keypad, dialler)  # type: ignore[arg-type]
    return player, player.play(document(inside))


def texts(player: Player) -> list[str]:
    return [moment.text for moment in player.line.moments]


@pytest.mark.parametrize(
    "inside",
    [
        "<say>hello</say>",
        "<Say>hello <break/></Say>",
        "<Say/>",
        "<Say volume='9'>hello</Say>",
        "hello",
        "<Pause/>hello",
        "<Pause length='-1'/>",
        "<Pause length='٣'/>",
        "<Pause>hello</Pause>",
        "<Play/>",
        "<Play digits='9W9'/>",
        "<Play digits='9'>/tone.wav</Play>",
        "<Gather timeout='0'/>",
        "<Gather finishOnKey='##'/>",
        "<Gather input='speech'/>",
        "<Gather><Hangup/></Gather>",
        "<Redirect/>",
        "<Redirect>/voice/a b</Redirect>",
        "<Dial/>",
        "<Dial>+12125550123</Dial>",
        "<Dial><Number>reception</Number></Dial>",
        "<Dial><Number statusCallbackEvent='opened'>+12125550123</Number></Dial>",
        f"<Dial>{'<Number>+12125550123</Number>' * 11}</Dial>",
        "<Dial callerId='Front door'><Number>+12125550123</Number></Dial>",
        "<Reject reason='rude'/>",
        "<Number>+12125550123</Number>",
    ],
)
def test_what_twilio_would_not_understand_is_refused(inside: str) -> None:
    with pytest.raises(TwimlError):
        document(inside)


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        (b"<Response/>", "text/html; charset=utf-8", "text/html"),
        (b"<Response/>", "", "not text/xml"),
        (b"<Response>" + b" " * 65_536 + b"</Response>", "text/xml", "64 kB"),
        (b"Internal Server Error", "text/xml", "not XML"),
        (b"", "text/xml", "not XML"),
        (b"<Response>\xff</Response>", "text/xml", "not XML"),
        (b"<!DOCTYPE Response><Response/>", "text/xml", "DOCTYPE"),
        (b"<html/>", "text/xml", "<html>"),
    ],
)
def test_an_answer_that_is_no_twiml_is_refused_with_the_reason(body: bytes, content_type: str, why: str) -> None:
    with pytest.raises(TwimlError, match=why):
        parse(body, content_type)


def test_everything_the_door_needs_is_understood() -> None:
    number = "<Number url='/w' statusCallback='/s' statusCallbackEvent='answered completed'>+12125550123</Number>"
    verbs = document(
        "<!-- a comment --><Play digits='ww9ww9'/><Say voice='alice' language='en-US'>Hello</Say>"
        "<Gather input='dtmf' numDigits='6' finishOnKey='' timeout='3'><Pause/></Gather>"
        f"<Dial timeout='20' timeLimit='60' action='/a' answerOnBridge='true'>{number}</Dial><Hangup/>"
    )
    assert [verb.name for verb in verbs] == ["Play", "Say", "Gather", "Dial", "Hangup"]


def test_a_release_is_told_when_its_first_key_sounds() -> None:
    player, step = played("<Play digits='ww9ww9'/><Say>Welcome. Third floor.</Say><Pause length='2'/><Hangup/>")
    assert step == Step("hangup")
    assert (player.released, player.first_verb) == ("99", "Play")
    assert [(moment.at, moment.text) for moment in player.line.moments] == [
        (1.0, "hears the tone: 9 (ww9ww9)"),
        (2.4, "hears: “Welcome. Third floor.”"),
        (3.9, "silence"),
    ]
    assert player.line.seconds == 5.9


def test_fourteen_characters_are_spoken_in_a_second_and_nothing_in_less() -> None:
    assert played("<Say>Hi</Say>")[0].line.seconds == 1.0
    assert played(f"<Say>{'x' * 28}</Say>")[0].line.seconds == 2.0


def test_a_sound_is_reported_by_its_address() -> None:
    player, step = played("<Play>https://door.example.com/tone.wav</Play>")
    assert (player.audio, player.released, step) == (("https://door.example.com/tone.wav",), "", Step("end"))


def test_the_longest_silence_spans_documents_and_is_told_once() -> None:
    player, _ = played("<Say>Hello</Say><Pause length='5'/><Redirect>/voice/wait</Redirect>")
    player.play(document("<Gather timeout='7'/><Pause length='5'/>"))
    assert player.line.longest_silence == 17.0
    assert [moment.text for moment in player.line.moments][1:] == [
        "silence",
        "silence: keys are awaited",
        "silence",
    ]


def test_speech_ends_a_silence() -> None:
    assert played("<Say>One</Say><Pause length='5'/><Say>Two</Say><Pause length='3'/>")[0].line.longest_silence == 5.0


def test_a_visitor_may_leave_at_the_very_end_of_a_pause() -> None:
    assert played("<Pause length='3'/><Play digits='9'/>", hang_up_after=3)[1] == Step("visitor")


def test_a_pause_that_comes_first_delays_the_answer_and_is_no_silence() -> None:
    player, _ = played("<Pause length='3'/><Say>Hello</Say>")
    assert (player.line.answered_at, player.line.longest_silence) == (3.0, 0.0)
    assert player.line.moments[0].text == "hears ringing: not answered yet"


@pytest.mark.parametrize(
    ("attributes", "digits", "params", "left"),
    [
        ("numDigits='4'", "00123", {"Digits": "0012", "FinishedOnKey": ""}, "3"),
        ("numDigits='4'", "12#34", {"Digits": "12", "FinishedOnKey": "#"}, "34"),
        ("numDigits='2'", "12#", {"Digits": "12", "FinishedOnKey": ""}, "#"),
        ("", "0012#", {"Digits": "0012", "FinishedOnKey": "#"}, ""),
        ("finishOnKey=''", "12#", {"Digits": "12#", "FinishedOnKey": ""}, ""),
        ("finishOnKey='*'", "12#*", {"Digits": "12#", "FinishedOnKey": "*"}, ""),
        ("actionOnEmptyResult='true'", "", {"Digits": "", "FinishedOnKey": ""}, ""),
    ],
)
def test_keys_are_gathered_as_twilio_gathers_them(
    attributes: str, digits: str, params: Mapping[str, str], left: str
) -> None:
    player, step = played(f"<Gather action='/voice/code' {attributes}/><Hangup/>", digits=digits)
    assert step == Step(url="/voice/code", params=params)
    assert player.keypad.digits == left


@pytest.mark.parametrize("digits", ["", "#"])
def test_a_prompt_without_digits_falls_through(digits: str) -> None:
    player, step = played("<Gather><Say>Your code?</Say></Gather><Hangup/>", digits=digits)
    assert step == Step("hangup")
    assert player.line.moments[0].text == "hears: “Your code?”"


def test_a_full_code_is_not_waited_for_and_a_short_one_is() -> None:
    assert played("<Gather numDigits='2' timeout='9'/>", digits="12")[0].line.seconds == 0.6
    assert played("<Gather numDigits='3' timeout='9'/>", digits="12")[0].line.seconds == 9.6
    assert played("<Gather timeout='9'/>", digits="1#")[0].line.seconds == 0.6


def test_a_prompt_is_heard_out_before_the_first_key() -> None:
    player, _ = played("<Gather numDigits='2'><Say>Your code, please?</Say></Gather>", digits="12")
    assert [(moment.at, moment.text) for moment in player.line.moments] == [
        (0.0, "hears: “Your code, please?”"),
        (1.886, "keys 12"),
    ]


def test_a_key_interrupts_the_prompt_and_what_follows_in_it() -> None:
    prompt = f"<Say>{'x' * 140}</Say><Play digits='9'/>"
    player, step = played(f"<Gather numDigits='2' action='/a'>{prompt}</Gather>", digits="12", next_at=3.0)
    assert step.params == {"Digits": "12", "FinishedOnKey": ""}
    assert (player.line.seconds, player.released) == (3.3, "")


def test_an_interrupted_prompt_is_waited_for_from_the_key_on() -> None:
    player, _ = played(f"<Gather timeout='2'><Say>{'x' * 140}</Say></Gather>", digits="1", next_at=3.0)
    assert player.line.seconds == 5.0


def test_slow_keys_come_in_parts_and_the_rest_is_keyed_at_the_next_prompt() -> None:
    gather = "<Gather numDigits='6' timeout='2' finishOnKey='' action='/held' actionOnEmptyResult='true'/>"
    player, step = played(gather, digits="123", every=3.0)
    assert (step.params, player.line.seconds) == ({"Digits": "1", "FinishedOnKey": ""}, 2.3)
    step = player.play(document(gather))
    assert (step.params, player.line.seconds) == ({"Digits": "2", "FinishedOnKey": ""}, 5.3)
    assert texts(player) == ["keys 1", "silence: keys are awaited", "keys 2", "silence: keys are awaited"]


def test_nobody_keys_before_the_time_comes() -> None:
    gather = "<Gather numDigits='1' timeout='2' action='/held' actionOnEmptyResult='true'/>"
    player, step = played(gather, digits="5", next_at=3.0)
    assert (step.params, player.line.seconds) == ({"Digits": "", "FinishedOnKey": ""}, 2.0)
    step = player.play(document(gather))
    assert (step.params, player.line.seconds) == ({"Digits": "5", "FinishedOnKey": ""}, 3.0)


def test_a_time_that_passed_without_a_prompt_is_made_up_for_at_the_next() -> None:
    player, _ = played("<Say>Hi</Say><Pause length='4'/><Gather numDigits='1'/>", digits="5", next_at=3.0)
    assert player.line.seconds == 5.3


def test_waiting_for_keys_is_silence_and_a_key_ends_it() -> None:
    player, _ = played("<Gather timeout='5'><Say>Code?</Say></Gather>", digits="12", every=4.0)
    assert player.line.longest_silence == 5.0
    assert played("<Gather timeout='5' numDigits='2'/>", digits="12", every=4.0)[0].line.longest_silence == 4.0


def moved_at(second: float, moves: "queue.Queue[str]", url: str = "/moved") -> Callable[[float], None]:
    """A sleep that puts an address into the queue when so many seconds have passed."""
    passed = [0.0]

    def sleep(seconds: float) -> None:
        before, passed[0] = passed[0], round(passed[0] + seconds, 3)
        if before < second <= passed[0]:
            moves.put(url)

    return sleep


@pytest.mark.parametrize(
    "inside",
    ["<Say>Hello, and a good morning to you.</Say>", "<Pause length='9'/>", "<Play digits='wwww9'/>", "<Gather/>"],
)
def test_a_move_ends_whatever_is_heard_within_a_twentieth_of_a_second(inside: str) -> None:
    moves = queue.Queue[str]()
    player, step = played(
        f"<Say>Hi</Say>{inside}<Play digits='9'/>", real_time="all", sleep=moved_at(1.92, moves), moves=moves
    )
    assert step == Step(url="/moved")
    assert player.line.seconds == 1.95
    assert player.released == ""
    assert texts(player)[-1] == "is moved over Twilio's REST API to /moved"


def test_a_move_comes_before_the_next_verb_even_where_no_time_passes() -> None:
    moves = queue.Queue[str]()
    moves.put("/moved")
    assert played("<Hangup/>", moves=moves, answered_at=0.0)[1] == Step(url="/moved")


def test_a_call_that_is_not_answered_is_not_moved() -> None:
    moves = queue.Queue[str]()
    moves.put("/moved")
    assert played("<Reject/>", moves=moves)[1].ended_by == "reject"


def test_a_whisper_takes_the_time_of_the_one_who_waits_beside_it() -> None:
    slept: list[float] = []
    visitor = Line(real_time="all", sleep=slept.append)
    played("<Gather timeout='4'><Say>Hi</Say></Gather>", beside=visitor, answered_at=0.0)
    assert (visitor.seconds, visitor.moments, round(sum(slept), 3)) == (5.0, [], 5.0)


def test_the_end_of_the_visitors_call_is_not_taken_for_the_end_of_the_whisper() -> None:
    visitor = Line(hang_up_after=2)
    with pytest.raises(Cut) as caught:
        played("<Pause length='5'/>", beside=visitor, answered_at=0.0)
    assert caught.value.line is visitor


@pytest.mark.parametrize(("real_time", "passed"), [(True, 10.0), ("all", 14.2), (False, 0.0)])
def test_pauses_and_prompts_for_keys_really_pass_and_on_demand_all_the_rest(real_time: object, passed: float) -> None:
    slept: list[float] = []
    player, _ = played(
        "<Say>Hello</Say><Pause length='3'/><Play digits='ww9'/>"
        "<Gather timeout='4'><Say>Code?</Say><Play>/a</Play></Gather><Play>/b</Play>",
        real_time=real_time,
        sleep=slept.append,
    )
    assert round(sum(slept), 3) == passed
    assert player.line.seconds == 14.2
    assert max(slept, default=0.0) <= 0.05


def test_nothing_sleeps_unless_asked_to() -> None:
    slept: list[float] = []
    played("<Say>Hello</Say><Pause length='3'/>", sleep=slept.append)
    assert slept == []


def test_a_visitor_who_leaves_hears_no_more_keys() -> None:
    player, step = played("<Play digits='9ww9'/><Hangup/>", hang_up_after=0.5)
    assert step == Step("visitor")
    assert (player.released, player.line.seconds, player.line.gone) == ("9", 0.5, True)


def test_a_real_wait_ends_when_the_visitor_leaves() -> None:
    slept: list[float] = []
    played("<Say>Hi</Say><Pause length='60'/>", real_time=True, sleep=slept.append, hang_up_after=4)
    assert round(sum(slept), 3) == 3.0


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
def test_a_rejected_call_is_never_answered(reason: str, status: str) -> None:
    player, step = played(f"<Reject reason='{reason}'/>")
    assert step == Step("reject", params={"CallStatus": status})
    assert (player.line.answered_at, player.line.seconds) == (None, 0.0)


def test_a_call_that_is_answered_cannot_be_rejected() -> None:
    with pytest.raises(TwimlError, match="first verb"):
        played("<Say>Hello</Say><Reject/>")


def test_a_whisper_cannot_dial() -> None:
    with pytest.raises(TwimlError, match="whisper"):
        played("<Dial><Number>+12125550123</Number></Dial>")


def test_a_dial_without_an_action_goes_on_with_the_document() -> None:
    dial = "<Dial answerOnBridge='true'><Number>+12125550123</Number></Dial>"
    player, step = played(f"{dial}<Say>Nobody is there.</Say>", dialler=lambda verb, player: {})
    assert step == Step("end")
    assert player.line.moments[-1].text == "hears: “Nobody is there.”"


def test_a_redirect_and_the_action_of_a_dial_lead_to_the_next_document() -> None:
    assert played("<Redirect method='POST'>/voice/wait?n=2</Redirect>")[1] == Step(url="/voice/wait?n=2")
    dial = "<Dial action='/voice/done'><Number>+12125550123</Number></Dial>"
    told = {"DialCallStatus": "busy"}
    assert played(dial, dialler=lambda verb, player: told)[1] == Step(url="/voice/done", params=told)


def test_moments_are_told_as_they_come() -> None:
    told: list[str] = []
    played("<Say>One</Say><Say>Two</Say>", tell=lambda moment: told.append(moment.text))
    assert told == ["hears: “One”", "hears: “Two”"]
