import ssl
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, parse_qsl, unquote

import pytest
from twilio.request_validator import RequestValidator

from app.cli.call import Story, place_call
from app.cli.twiml_document import TwimlError
from app.cli.webhooks import CallError, http_post

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
