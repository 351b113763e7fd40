"""The stand-in for Twilio's REST API, held to what Twilio's own client makes of it."""

from collections.abc import Iterator

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.stand_ins import Answer
from tests.twilio_api import BROKEN, TOO_MANY, TwilioApi

ACCOUNT, TOKEN, SID, OTHER = "AC" + "0" * 32, "made-up token", "CA" + "1" * 32, "CA" + "2" * 32
TARGET = "https://door.example.com/voice/held/front"


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with TwilioApi(ACCOUNT, TOKEN) as api:
        yield api


def client(api: TwilioApi, token: str = TOKEN, timeout: float = 3) -> Client:
    client = Client(ACCOUNT, token, http_client=TwilioHttpClient(timeout=timeout, max_retries=0))
    client.region = client.edge = None  # whatever TWILIO_REGION and TWILIO_EDGE say: they would spoil an IP address
    client.api.base_url = api.url
    return client


def move(api: TwilioApi, sid: str = SID, url: str = TARGET, **how: object) -> object:
    return client(api, **how).calls(sid).update(url=url, method="POST").status  # type: ignore[arg-type]


def refusal(api: TwilioApi, **how: object) -> tuple[int, int | None]:
    with pytest.raises(TwilioRestException) as caught:
        move(api, **how)  # type: ignore[arg-type]
    return caught.value.status, caught.value.code


def test_a_live_call_is_moved_and_what_was_asked_is_recorded(api: TwilioApi) -> None:
    moves = api.register(SID)
    assert move(api) == "in-progress"
    assert moves.get_nowait() == TARGET
    assert api.received[0].path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{SID}.json"
    assert api.received[0].fields == {"Url": TARGET, "Method": "POST"}


def test_an_unknown_call_is_not_found(api: TwilioApi) -> None:
    api.register(SID)
    assert refusal(api, sid=OTHER) == (404, 20404)


@pytest.mark.parametrize("status", ["ringing", "completed"])
def test_a_call_that_is_not_in_progress_cannot_be_moved(api: TwilioApi, status: str) -> None:
    moves = api.register(SID)
    moves.status = status  # type: ignore[assignment]
    assert refusal(api) == (400, 21220)
    assert moves.empty()


def test_a_forgotten_call_has_ended(api: TwilioApi) -> None:
    api.register(SID)
    api.forget(SID)
    assert refusal(api) == (400, 21220)


def test_wrong_credentials_come_before_everything_else(api: TwilioApi) -> None:
    assert refusal(api, sid=OTHER, token="another token") == (401, 20003)


def test_an_address_that_is_none_is_refused(api: TwilioApi) -> None:
    api.register(SID)
    assert refusal(api, url="/voice/held/front") == (400, 21205)


def test_faults_come_once_each_and_move_nothing(api: TwilioApi) -> None:
    moves = api.register(SID)
    api.fail(BROKEN, TOO_MANY, Answer("<html>Bad Gateway</html>", 502, {"Content-Type": "text/html"}))
    assert (refusal(api), refusal(api)) == ((500, 20500), (429, 20429))
    assert refusal(api) == (502, 502)  # no JSON: the status serves as the code
    assert moves.empty()
    assert move(api) == "in-progress"


@pytest.mark.parametrize("acts", [False, True])
def test_an_answer_that_does_not_come_in_time_says_nothing_about_the_move(api: TwilioApi, acts: bool) -> None:
    moves = api.register(SID)
    api.hang(30, acts=acts)
    with pytest.raises(requests.exceptions.ReadTimeout):
        move(api, timeout=0.2)
    assert moves.empty() is not acts


def test_a_stopped_server_refuses_connections(api: TwilioApi) -> None:
    api.register(SID)
    api.stop()
    with pytest.raises(requests.exceptions.ConnectionError):
        move(api)
