import queue
import ssl
import threading
import wave
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from urllib.parse import parse_qs, parse_qsl, unquote

import pytest
from freezegun import freeze_time
from twilio.request_validator import RequestValidator

from app.clock import utcnow
from app.simulated.call import Story, place_call
from app.simulated.line import LiveCall
from app.simulated.twiml_document import TwimlError
from app.simulated.webhooks import CallError, Post, http_post
from tests.twilio_api import TwilioApi

PUBLIC_URL = "https://door.example.com"
NUMBER, CALLER, TELEPHONE, OTHER = "+12125550100", "+12125550199", "+12125550123", "+12125550124"
DIAL = (
    "<Dial action='after?n=1' timeout='20' answerOnBridge='true' callerId='+12125550100'>"
    "<Number url='whisper' statusCallback='/voice/leg' statusCallbackEvent='initiated answered completed'>"
    "+12125550123</Number></Dial>"
)
WHISPER = "<Gather numDigits='1' action='/voice/accept'><Say>Press 1.</Say></Gather><Hangup/>"


class Server:
    """Answers by path, remembers every request, and is as strict about signatures as Twilio's own check."""

    def __init__(self, **documents: str) -> None:
        self.documents = documents
        self.requests: list[tuple[str, dict[str, str]]] = []

    def __call__(self, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        path = url.removeprefix(PUBLIC_URL)
        signature = headers["X-Twilio-Signature"]
        if not RequestValidator("made-up token").validate(PUBLIC_URL + path, dict(params), signature):
            return 403, "text/plain", b""
        self.requests.append((path, dict(params)))
        name = path.rpartition("/")[2].partition("?")[0]
        return 200, "text/xml", f"<Response>{self.documents.get(name, '')}</Response>".encode()

    def asked(self, path: str) -> list[dict[str, str]]:
        return [params for asked, params in self.requests if asked == path]


def call(server: Server, **how: object) -> Story:
    known = {"public_url": PUBLIC_URL, "account_sid": "AC" + "0" * 32, "auth_token": "made-up token"}
    return place_call(**(known | {"number": NUMBER, "caller": CALLER, "post": server} | how))  # type: ignore[arg-type]


def test_a_ring_has_every_parameter_that_twilio_sends() -> None:
    server = Server(ring="<Hangup/>")
    call(server)
    params = server.asked("/voice/ring")[0]
    assert params["CallSid"].startswith("CA")
    assert len(params["CallSid"]) == 34
    assert (params["From"], params["Caller"], params["To"], params["Called"]) == (CALLER, CALLER, NUMBER, NUMBER)
    assert (params["CallStatus"], params["Direction"], params["StirVerstat"]) == ("ringing", "inbound", "")
    assert {f"{end}{part}" for end in ("From", "To") for part in ("City", "State", "Zip", "Country")} < set(params)
    assert "%7B" in params["CallToken"]
    assert unquote(params["CallToken"]).startswith("{")


def test_a_release_is_told_and_its_end_is_reported_to_the_server() -> None:
    server = Server(ring="<Play digits='ww9'/><Pause length='2'/><Hangup/>")
    story = call(server, call_sid="CA" + "1" * 32)
    assert (story.released, story.ended_by, story.first_verb) == ("9", "hangup", "Play")
    assert [moment.text for moment in story.moments] == [
        "hears the tone: 9 (ww9)",
        "silence",
        "the call is hung up",
    ]
    final = server.asked("/voice/status")[0]
    assert (final["CallStatus"], final["CallDuration"]) == ("completed", "3")
    assert final["CallSid"] == "CA" + "1" * 32


def test_a_rejected_call_was_never_answered() -> None:
    server = Server(ring="<Reject reason='busy'/>")
    assert call(server).ended_by == "reject"
    final = server.asked("/voice/status")[0]
    assert (final["CallStatus"], final["CallDuration"]) == ("busy", "0")


def test_the_call_is_followed_from_document_to_document() -> None:
    server = Server(ring="<Say>Hi</Say><Redirect>wait?n=1</Redirect>", wait="<Gather action='../voice/code#rc=2'/>")
    story = call(server, digits="0012#")
    paths = [path for path, _ in server.requests]
    assert paths == ["/voice/ring", "/voice/wait?n=1", "/voice/code", "/voice/status"]
    assert server.requests[1][1]["CallStatus"] == "in-progress"
    assert server.requests[2][1]["Digits"] == "0012"
    assert story.ended_by == "end"


def test_a_prompt_without_an_action_asks_for_its_own_document_again() -> None:
    server = Server(ring="<Redirect>wait?n=1</Redirect>", wait="<Gather numDigits='1'/><Hangup/>")
    call(server, digits="77")
    assert [params.get("Digits") for params in server.asked("/voice/wait?n=1")] == [None, "7", "7"]


def there(server: Server) -> Post:
    """The same server at the address of this machine."""
    return lambda url, params, headers: server(url.replace("http://127.0.0.1:8000", PUBLIC_URL), params, headers)


def test_absolute_addresses_are_signed_as_public_and_sent_to_the_address_asked_for() -> None:
    sent: list[str] = []
    server = Server(ring=f"<Redirect>{PUBLIC_URL}/voice/wait?n=1</Redirect>", wait="<Hangup/>")

    def post(url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        sent.append(url)
        return server(url.replace("http://127.0.0.1:8000", PUBLIC_URL), params, headers)

    call(server, post=post, url="http://127.0.0.1:8000/")
    assert sent[1] == "http://127.0.0.1:8000/voice/wait?n=1"


@pytest.mark.parametrize(
    "away", ["https://evil.example.com/", PUBLIC_URL + ".evil.example.com/", "//evil.example.com/"]
)
def test_the_call_does_not_leave_the_server(away: str) -> None:
    server = Server(ring=f"<Redirect>{away}</Redirect>")
    with pytest.raises(TwimlError, match="leads away"):
        call(server)


def test_a_call_that_goes_round_in_circles_is_ended() -> None:
    server = Server(ring="<Redirect>ring</Redirect>")
    with pytest.raises(TwimlError, match="200 documents"):
        call(server)
    assert len(server.asked("/voice/ring")) == 200


def test_what_twilio_cannot_play_ends_the_call_and_says_so() -> None:
    told: list[str] = []
    server = Server(ring="<Open/>")
    with pytest.raises(TwimlError, match="<Open>"):
        call(server, tell=lambda moment: told.append(moment.text))
    assert told == ["hears Twilio's error message: <Open> is not known inside <Response>"]
    assert len(server.asked("/voice/status")) == 1


@pytest.mark.parametrize(
    ("telephones", "status", "seconds"), [("nobody", "no-answer", 20), ("busy", "busy", 4), ("failed", "failed", 4)]
)
def test_telephones_that_nobody_answers(telephones: str, status: str, seconds: float) -> None:
    server = Server(ring=DIAL, after="<Say>Nobody is there.</Say>")
    story = call(server, telephones=telephones)
    told = server.asked("/voice/after?n=1")[0]
    assert (told["DialCallStatus"], told["DialBridged"]) == (status, "false")
    assert "DialCallDuration" not in told
    assert server.asked("/voice/leg")[-1]["CallStatus"] == status
    assert story.moments[1].at == seconds
    assert story.moments[0].text == "the call goes to the telephones +1 212 555 0123"


def test_somebody_answers_hears_the_whisper_and_talks() -> None:
    server = Server(ring=DIAL, whisper=WHISPER, accept="<Say>Front door.</Say>", after="<Hangup/>")
    story = call(server, telephones="answer")
    told = server.asked("/voice/after?n=1")[0]
    assert (told["DialCallStatus"], told["DialCallDuration"], told["DialBridged"]) == ("completed", "12", "true")
    assert server.asked("/voice/accept")[0]["Digits"] == "1"
    texts = [moment.text for moment in story.moments]
    assert "meanwhile +1 212 555 0123 hears: “Front door.”" in texts
    assert "talks with +1 212 555 0123" in texts
    assert story.longest_silence == 0.0


def test_the_called_side_is_a_call_of_its_own() -> None:
    server = Server(ring=DIAL, whisper=WHISPER, after="<Hangup/>")
    call(server, telephones="answer")
    leg = server.asked("/voice/leg")
    assert [params["CallStatus"] for params in leg] == ["initiated", "in-progress", "completed"]
    ring, told = server.asked("/voice/ring")[0], server.asked("/voice/after?n=1")[0]
    assert {params["ParentCallSid"] for params in leg} == {ring["CallSid"]}
    assert {params["CallSid"] for params in leg} == {told["DialCallSid"]}
    assert (leg[0]["From"], leg[0]["To"], leg[0]["Direction"]) == (NUMBER, TELEPHONE, "outbound-dial")
    whisper = server.asked("/voice/whisper")[0]
    assert (whisper["CallSid"], whisper["CallStatus"]) == (told["DialCallSid"], "in-progress")


def test_a_telephone_that_refuses_the_whisper_is_completed_but_not_bridged() -> None:
    server = Server(ring=DIAL, whisper=WHISPER, after="<Hangup/>")
    story = call(server, telephones="reject")
    told = server.asked("/voice/after?n=1")[0]
    assert (told["DialCallStatus"], told["DialBridged"]) == ("completed", "false")
    assert server.asked("/voice/accept") == []
    assert not any(moment.text.startswith("talks") for moment in story.moments)


def test_a_telephone_that_refuses_is_not_bridged_by_a_whisper_that_only_speaks() -> None:
    server = Server(ring=DIAL, whisper="<Say>Front door.</Say>")
    call(server, telephones="reject")
    assert server.asked("/voice/after?n=1")[0]["DialBridged"] == "false"


def test_callbacks_are_relative_to_the_document_that_dials_and_not_to_the_whisper() -> None:
    number = f"<Number url='/other/whisper' statusCallback='leg'>{TELEPHONE}</Number>"
    server = Server(ring=f"<Dial>{number}</Dial>")
    call(server, telephones="answer")
    assert len(server.asked("/voice/leg")) == 1


def test_a_withheld_number_comes_from_nowhere() -> None:
    server = Server()
    call(server, caller="anonymous")
    params = server.asked("/voice/ring")[0]
    assert (params["From"], params["FromCountry"], params["ToCountry"]) == ("anonymous", "", "US")


def test_a_telephone_that_declines_without_a_whisper_is_busy() -> None:
    server = Server(ring=f"<Dial action='after'><Number>{TELEPHONE}</Number></Dial>")
    call(server, telephones="reject")
    assert server.asked("/voice/after")[0]["DialCallStatus"] == "busy"


def test_the_first_telephone_to_answer_wins_and_the_others_are_told() -> None:
    number = "<Number statusCallback='leg'>{}</Number>"
    server = Server(ring=f"<Dial timeLimit='6'>{number.format(TELEPHONE)}{number.format(OTHER)}</Dial><Hangup/>")
    story = call(server, telephones="answer")
    ends = {params["To"]: params["CallStatus"] for params in server.asked("/voice/leg")}
    assert ends == {TELEPHONE: "completed", OTHER: "canceled"}
    assert (story.seconds, story.ended_by) == (10.0, "hangup")


@pytest.mark.parametrize(
    ("second", "status", "bridged"), [(2, "canceled", "false"), (4.5, "canceled", "false"), (9, "completed", "true")]
)
def test_a_visitor_who_leaves_a_dialled_call_still_ends_it_properly(second: float, status: str, bridged: str) -> None:
    server = Server(ring=DIAL, whisper="<Pause length='1'/>", after="<Play digits='9'/>")
    story = call(server, telephones="answer", hang_up_after=second)
    told = server.asked("/voice/after?n=1")[0]
    assert (told["CallStatus"], told["DialCallStatus"], told["DialBridged"]) == ("completed", status, bridged)
    assert (story.ended_by, story.released, story.seconds) == ("visitor", "", second)
    assert not any(moment.text.startswith("hears") for moment in story.moments)
    assert server.asked("/voice/status")[0]["CallStatus"] == "completed"


def test_a_visitor_who_leaves_a_held_call_is_asked_nothing_more() -> None:
    server = Server(ring="<Say>Please wait.</Say><Gather action='code' timeout='30'/>")
    story = call(server, hang_up_after=10, digits="")
    assert [path for path, _ in server.requests] == ["/voice/ring", "/voice/status"]
    assert story.moments[-1].text == "the visitor hangs up"
    assert server.asked("/voice/status")[0]["CallDuration"] == "10"


def test_a_wrong_token_is_named_as_the_cause() -> None:
    with pytest.raises(CallError, match="TWILIO_AUTH_TOKEN or PUBLIC_URL differ"):
        call(Server(), auth_token="another token")


@pytest.mark.parametrize("how", [{"url": "localhost:8000"}, {"url": "ftp://door"}, {"digits": "12w"}])
def test_what_cannot_be_dialled_is_refused_before_anything_is_sent(how: dict[str, object]) -> None:
    server = Server()
    with pytest.raises(CallError):
        call(server, **how)
    assert server.requests == []


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (ConnectionRefusedError(), "nothing answers at https://door.example.com: is the server running"),
        (TimeoutError(), "did not answer within 15 seconds"),
        (ssl.SSLCertVerificationError(), "certificate"),
        (ConnectionResetError(), "cannot be reached"),
    ],
)
def test_an_unreachable_server_is_named_with_what_to_do(fault: Exception, why: str) -> None:
    def post(*_: object) -> tuple[int, str, bytes]:
        raise fault

    with pytest.raises(CallError, match=why):
        call(Server(), post=post)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_any_other_refusal_names_the_address_and_the_status(status: int) -> None:
    with pytest.raises(CallError, match=f"{PUBLIC_URL}/voice/ring with {status}"):
        call(Server(), post=lambda *_: (status, "text/html", b""))


# Telephones

WHISPERED = (
    "<Gather numDigits='1' finishOnKey='' timeout='4' action='/voice/accepted/front' actionOnEmptyResult='true'>"
    "<Say>Front door. Press 1 to talk, 9 to let them in.</Say></Gather>"
)


def numbers(*telephones: str, url: str = "/voice/whisper/front") -> str:
    return "".join(
        f"<Number url='{url}' method='POST' statusCallback='/voice/leg'>{telephone}</Number>"
        for telephone in telephones
    )


class Office(Server):
    """Rings two telephones with a whisper, rings the rest again, and lets in who is admitted by telephone."""

    def __init__(self, *telephones: str) -> None:
        super().__init__()
        self.left = list(telephones or (TELEPHONE, OTHER))
        self.admitted = False

    def __call__(self, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        path = url.removeprefix(PUBLIC_URL)
        if path.startswith("/voice/accepted"):
            self.admitted = params["Digits"] == "9"
            self.documents["front"] = "" if params["Digits"] == "1" else "<Hangup/>"
        elif path.startswith("/voice/whisper"):
            self.left.remove(params["To"])
            self.documents["front"] = WHISPERED
        elif path in ("/voice/ring", "/voice/forwarded/front"):
            over = self.admitted or params.get("DialBridged") == "true" or not self.left
            dial = f"<Dial action='/voice/forwarded/front' timeout='20'>{numbers(*self.left)}</Dial>"
            document = "<Play digits='9'/><Hangup/>" if self.admitted else "<Hangup/>" if over else dial
            self.documents["ring"] = self.documents["front"] = document
        return super().__call__(url, params, headers)


def test_each_telephone_may_behave_in_its_own_way_and_the_first_to_pick_up_silences_the_others() -> None:
    office = Office()
    story = call(office, telephones={TELEPHONE: "answer", OTHER: "voicemail"})
    first, second = office.asked("/voice/forwarded/front")
    assert (first["DialCallStatus"], first["DialBridged"]) == ("completed", "false")
    assert (second["DialCallStatus"], second["DialBridged"]) == ("completed", "true")
    assert [params["Digits"] for params in office.asked("/voice/accepted/front")] == ["", "1"]
    legs = [(params["To"], params["CallStatus"]) for params in office.asked("/voice/leg")]
    assert legs == [(TELEPHONE, "canceled"), (OTHER, "completed"), (TELEPHONE, "completed")]
    assert (story.picked_up, story.answered_by) == ((OTHER, TELEPHONE), TELEPHONE)


def test_whoever_presses_9_lets_the_visitor_in_without_a_talk() -> None:
    office = Office()
    story = call(office, telephones={OTHER: "admit", "default": "nobody"})
    told = office.asked("/voice/forwarded/front")[0]
    assert (told["DialCallStatus"], told["DialBridged"]) == ("completed", "false")
    assert (story.released, story.picked_up, story.answered_by) == ("9", (OTHER,), "")


def test_a_voicemail_hears_the_whisper_out_and_presses_nothing() -> None:
    office = Office(OTHER)
    story = call(office, telephones="voicemail")
    assert office.asked("/voice/accepted/front")[0]["Digits"] == ""
    spoken = len("Front door. Press 1 to talk, 9 to let them in.") / 14
    assert story.seconds == round(3.0 + spoken + 4.0, 3)


def test_somebody_who_rejects_hangs_up_on_the_whisper() -> None:
    office = Office(OTHER)
    story = call(office, telephones="reject")
    assert office.asked("/voice/accepted/front") == []
    assert (story.picked_up, story.answered_by, story.seconds) == ((OTHER,), "", 5.0)


def test_a_voicemail_without_a_whisper_gets_the_visitor() -> None:
    server = Server(ring=f"<Dial><Number>{TELEPHONE}</Number></Dial>")
    assert call(server, telephones="voicemail").answered_by == TELEPHONE


@pytest.mark.parametrize(
    ("how", "status", "seconds"),
    [
        ({TELEPHONE: "busy"}, "no-answer", 20),
        ({TELEPHONE: "busy", "default": "failed"}, "busy", 4),
        ({"default": "failed"}, "failed", 4),
        ({}, "no-answer", 20),
    ],
)
def test_telephones_that_fail_in_several_ways(how: dict[str, str], status: str, seconds: float) -> None:
    server = Server(ring=f"<Dial timeout='20' action='after'>{numbers(TELEPHONE, OTHER)}</Dial>")
    assert call(server, telephones=how).seconds == seconds
    assert server.asked("/voice/after")[0]["DialCallStatus"] == status


def test_nobody_answers_a_telephone_that_does_not_ring_for_long_enough() -> None:
    story = call(Server(ring=f"<Dial timeout='3'>{numbers(TELEPHONE)}</Dial>"), telephones="answer")
    assert (story.picked_up, story.seconds) == ((), 3)


# Moves

HELD = "<Gather timeout='2' numDigits='6' finishOnKey='' action='/voice/held' actionOnEmptyResult='true'>{}</Gather>"


def moving(moves: "queue.Queue[str]", second: float, target: str = "/voice/moved") -> Callable[[float], None]:
    """A sleep during which the call is moved when so many seconds have passed."""
    passed = [0.0]

    def sleep(seconds: float) -> None:
        before, passed[0] = passed[0], round(passed[0] + seconds, 3)
        if before < second <= passed[0]:
            moves.put(PUBLIC_URL + target)

    return sleep


def test_a_held_call_is_moved_and_goes_on_where_it_is_moved_to() -> None:
    server = Server(ring=HELD.format("<Say>One moment.</Say>"), held=HELD.format(""), moved="<Play digits='9'/>")
    moves = queue.Queue[str]()
    story = call(server, moves=moves, real_time=True, sleep=moving(moves, 4.0))
    assert (story.released, story.seconds) == ("9", 4.2)
    assert [path for path, _ in server.requests] == ["/voice/ring", "/voice/held", "/voice/moved", "/voice/status"]
    moved = server.asked("/voice/moved")[0]
    assert (moved["CallStatus"], moved["From"], moved["CallSid"]) == (
        "in-progress",
        CALLER,
        server.requests[0][1]["CallSid"],
    )
    assert "Digits" not in moved


@pytest.mark.parametrize(
    ("second", "leg", "status", "bridged"),
    [  # while it rings, during the whisper, during the talk
        (2, "canceled", "canceled", "false"),
        (6, "completed", "completed", "false"),
        (15, "completed", "completed", "true"),
    ],
)
def test_a_move_hangs_up_the_telephones_and_still_asks_the_action_of_the_dial(
    second: float, leg: str, status: str, bridged: str
) -> None:
    dial = f"<Dial action='after' timeout='20'>{numbers(TELEPHONE, url='whisper')}</Dial>"
    whisper = f"<Gather numDigits='1' action='accept'><Say>{'x' * 70}</Say></Gather>"
    server = Server(ring=dial, whisper=whisper, after="<Play digits='5'/>", moved="<Play digits='9'/>")
    moves = queue.Queue[str]()
    story = call(
        server, moves=moves, telephones="answer", real_time="all", sleep=moving(moves, second), hang_up_after=60
    )
    told = server.asked("/voice/after")[0]
    assert (told["CallStatus"], told["DialCallStatus"], told["DialBridged"]) == ("in-progress", status, bridged)
    assert [params["CallStatus"] for params in server.asked("/voice/leg")] == [leg]
    assert [path for path, _ in server.requests][-3:] == ["/voice/after", "/voice/moved", "/voice/status"]
    assert (story.released, story.seconds) == ("9", second + 0.2)


def test_a_call_is_not_moved_away_from_the_server() -> None:
    moves = queue.Queue[str]()
    moves.put("https://evil.example.com/voice/moved")
    with pytest.raises(TwimlError, match="leads away"):
        call(Server(ring="<Say>Hi</Say>"), moves=moves)


def test_a_live_call_says_whether_it_can_be_moved() -> None:
    live, seen = LiveCall(), list[str]()
    server = Server(ring="<Dial answerOnBridge='true'><Number>+12125550123</Number></Dial><Say>Nobody.</Say>")

    def post(*request: object) -> tuple[int, str, bytes]:
        seen.append(live.status)
        return server(*request)  # type: ignore[arg-type]

    call(server, moves=live, post=post, tell=lambda _: seen.append(live.status))
    assert seen == ["ringing", "ringing", "in-progress", "completed", "completed"]


def test_a_call_is_moved_over_the_stand_in_for_twilios_api_until_it_is_over() -> None:
    sid, server = "CA" + "1" * 32, Server(ring=HELD.format(""), held=HELD.format(""), moved="<Hangup/>")
    answers = list[tuple[int, str, bytes]]()
    with TwilioApi("AC" + "0" * 32, "made-up token") as api:
        target = f"{api.url}/2010-04-01/Accounts/AC{'0' * 32}/Calls/{sid}.json"
        credentials = {"Authorization": "Basic " + b64encode(f"AC{'0' * 32}:made-up token".encode()).decode()}
        credentials["Content-Type"] = "application/x-www-form-urlencoded"

        def move(*_: object) -> None:
            answers.append(http_post(target, {"Url": f"{PUBLIC_URL}/voice/moved", "Method": "POST"}, credentials))

        story = call(server, call_sid=sid, moves=api.register(sid), real_time=True, sleep=move)
        move()
    assert (story.ended_by, story.seconds) == ("hangup", 0.05)
    assert [status for status, _, _ in answers] == [200, 400]


# Time


def test_a_frozen_clock_lives_through_the_whole_call() -> None:
    document = "<Say>Hello there, how are you?</Say><Play digits='ww9'/><Dial timeout='20'><Number>{}</Number></Dial>"
    with freeze_time("2027-08-10T16:00:00Z") as clock:
        began = utcnow()
        story = call(Server(ring=document.format(TELEPHONE)), real_time="all", sleep=clock.tick)
        lasted = (utcnow() - began).total_seconds()
    assert round(lasted, 2) == round(story.seconds, 2) > 20


def test_keys_are_carried_from_prompt_to_prompt() -> None:
    server = Server(ring=HELD.format("<Say>Please key your code.</Say>"), held=HELD.format(""))
    call(server, digits="123", digits_after=1, key_every=3, hang_up_after=12)
    keyed = [params["Digits"] for params in server.asked("/voice/held")]
    assert keyed[:4] == ["1", "2", "3", ""]


# Sounds


def wav(seconds: float) -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * round(8000 * seconds)))
    return file.getvalue()


def test_a_sound_lasts_as_long_as_the_server_says_where_it_is_fetched() -> None:
    fetched: list[str] = []

    def get(url: str) -> tuple[int, str, bytes]:
        fetched.append(url)
        return 200, "audio/wav", wav(3.25)

    server = Server(ring=f"<Play>{PUBLIC_URL}/voice/tones/a.wav</Play>")
    assert call(server).seconds == 2
    assert call(server, get=get, url="http://127.0.0.1:8000", post=there(server)).seconds == 3.25
    assert fetched == ["http://127.0.0.1:8000/voice/tones/a.wav"]


@pytest.mark.parametrize(
    "answer",
    [(404, "audio/wav", wav(1)), (200, "text/html", wav(1)), (200, "audio/wav", b"RIFF"), (200, "audio/wav", b"")],
)
def test_what_is_no_sound_is_told_as_twilio_would(answer: tuple[int, str, bytes]) -> None:
    server = Server(ring=f"<Play>{PUBLIC_URL}/voice/tones/a.wav</Play>")
    with pytest.raises(TwimlError, match="sound"):
        call(server, get=lambda _: answer)


# A server that fails

FALLBACK = (
    "<Response><Say>We call somebody.</Say><Dial><Number>+12125550123</Number></Dial>"
    "<Say>Nobody is there.</Say><Hangup/></Response>"
)


class Failing(Server):
    """Fails some requests, each as often as it says: path → faults."""

    def __init__(self, faults: dict[str, list[Exception]], **documents: str) -> None:
        super().__init__(**documents)
        self.faults = faults
        self.tried: list[str] = []

    def __call__(self, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        path = url.removeprefix(PUBLIC_URL)
        self.tried.append(path)
        if faults := self.faults.get(path):
            raise faults.pop(0)
        return super().__call__(url, params, headers)


def test_a_connection_that_fails_once_is_tried_again() -> None:
    slept: list[float] = []
    server = Failing({"/voice/ring": [ConnectionResetError()]}, ring="<Play digits='9'/>")
    story = call(server, fallback=FALLBACK, real_time=True, sleep=slept.append)
    assert (story.released, story.fell_back, story.seconds, slept) == ("9", False, 0.2, [0.5])


def test_without_real_time_the_second_try_comes_at_once() -> None:
    slept: list[float] = []
    server = Failing({"/voice/ring": [ConnectionResetError()]}, ring="<Play digits='9'/>")
    assert call(server, sleep=slept.append).released == "9"
    assert slept == []


@pytest.mark.parametrize("path", ["/voice/ring", "/voice/held", "/voice/after"])
def test_any_document_that_cannot_be_fetched_leads_to_the_fallback(path: str) -> None:
    dial = f"<Dial timeout='5' action='after'><Number>{OTHER}</Number></Dial>"
    gone: list[Exception] = [ConnectionRefusedError() for _ in range(2)]
    server = Failing({path: gone}, ring=HELD.format(""), held=dial)
    story = call(server, fallback=FALLBACK, telephones={TELEPHONE: "answer"})
    assert (story.fell_back, story.answered_by, story.ended_by) == (True, TELEPHONE, "hangup")
    assert server.tried.count(path) == 2
    assert server.tried[-1] == "/voice/status"


def test_a_server_that_is_gone_for_good_does_not_hear_of_the_end() -> None:
    def post(*_: object) -> tuple[int, str, bytes]:
        raise ConnectionRefusedError

    story = call(Server(), post=post, fallback=FALLBACK)
    texts = [moment.text for moment in story.moments]
    assert texts[0].startswith("Twilio asks the fallback: nothing answers at")
    assert "hears: “Nobody is there.”" in texts
    assert texts[-1].startswith("Twilio cannot report “completed”")
    assert (story.ended_by, story.fell_back) == ("hangup", True)


def test_a_server_that_hangs_has_used_up_its_time_and_is_not_asked_again() -> None:
    server = Failing({"/voice/ring": [TimeoutError()]}, ring="<Play digits='9'/>")
    assert call(server, fallback=FALLBACK).fell_back
    assert server.tried == ["/voice/ring", "/voice/status"]


def test_a_visitor_may_leave_between_two_milliseconds() -> None:
    server = Server(ring="<Pause length='5'/>")
    assert call(server, hang_up_after=2.00049).ended_by == "visitor"


def test_a_visitor_who_has_left_hears_no_fallback() -> None:
    gone: list[Exception] = [ConnectionRefusedError() for _ in range(2)]
    server = Failing({"/voice/after?n=1": gone}, ring=DIAL)
    story = call(server, fallback=FALLBACK, hang_up_after=2)
    assert (story.ended_by, story.fell_back) == ("visitor", False)


def test_a_refusal_is_no_reason_for_the_fallback() -> None:
    with pytest.raises(CallError, match="with 500"):
        call(Server(), post=lambda *_: (500, "text/html", b""), fallback=FALLBACK)


@pytest.mark.parametrize("fallback", ["", FALLBACK])
def test_a_whisper_that_cannot_be_fetched_drops_the_telephone(fallback: str) -> None:
    gone: list[Exception] = [ConnectionRefusedError() for _ in range(2)]
    server = Failing({"/voice/whisper": gone}, ring=DIAL, after="<Hangup/>")
    story = call(server, telephones="answer", fallback=fallback)
    assert server.asked("/voice/after?n=1")[0]["DialBridged"] == "false"
    assert (story.fell_back, story.picked_up, story.answered_by) == (False, (TELEPHONE,), "")


# Over HTTP


class Echo(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(202)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"{self.path} {body.decode()} {self.headers['X-Twilio-Signature']}".encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def echo() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_form_goes_over_http_with_its_empty_fields(echo: str) -> None:
    params = {"From": "+12125550199", "StirVerstat": "", "CallToken": "%7B%22a%22%3A1%7D"}
    status, kind, body = http_post(f"{echo}/voice/ring?n=1", params, {"X-Twilio-Signature": "abc="})
    path, form, signature = body.decode().split(" ")
    assert (status, kind, path, signature) == (202, "text/xml; charset=utf-8", "/voice/ring?n=1", "abc=")
    assert dict(parse_qsl(form, keep_blank_values=True)) == params
    assert parse_qs(form)["CallToken"] == ["%7B%22a%22%3A1%7D"]
