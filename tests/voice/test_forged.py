"""What Twilio did not sign for us, or signed in a form we cannot use, changes nothing."""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

import config
from app import create_app
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.support import (
    AUTH_TOKEN,
    NUMBER,
    OFFICE_TOML,
    PUBLIC_URL,
    TELEPHONE,
    Office,
    call_form,
    stored,
    twilio_signature,
)

RING, CALL = "/voice/ring", "CA" + "1" * 32
FORM = call_form(CALL)
SIGNED = twilio_signature(RING, FORM)
OF_DOOR = [f"/voice/{verb}/front" for verb in ("held", "forwarded", "whisper", "accepted")]
WEBHOOKS = ["/voice/ring", "/voice/status", *OF_DOOR]
FORM_TYPE = "application/x-www-form-urlencoded"


@pytest.fixture
def settings(always_open: config.Settings) -> config.Settings:
    return always_open


@pytest.fixture
def store(sqlite_store: SqliteStore) -> SqliteStore:
    """One store is enough for what must never reach it."""
    return sqlite_store


def without(form: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in form.items() if key != name}


FORGERIES = {
    "no signature": (FORM, None),
    "an empty signature": (FORM, ""),
    "a wrong signature": (FORM, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    "a signature beyond ASCII": (FORM, "\xe4\xff"),
    "another token": (FORM, twilio_signature(RING, FORM, token="another")),
    "another host": (FORM, twilio_signature(RING, FORM, base="https://evil.example.com")),
    "another scheme": (FORM, twilio_signature(RING, FORM, base="http://door.example.com")),
    "another path": (FORM, twilio_signature("/voice/status", FORM)),
    "a changed parameter": ({**FORM, "From": "+12125550111"}, SIGNED),
    "an added parameter": ({**FORM, "Digits": "9"}, SIGNED),
    "a removed parameter": (without(FORM, "CallerState"), SIGNED),
    "a removed empty parameter's name": (without(FORM, "StirVerstat"), SIGNED),
    "another account": ({**FORM, "AccountSid": "AC" + "1" * 32}, "signed"),
    "no account": (without(FORM, "AccountSid"), "signed"),
    "an empty account": ({**FORM, "AccountSid": ""}, "signed"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_ring_is_refused_and_changes_nothing(office: Office, forgery: str) -> None:
    office.say("unlock")
    before = stored(office.services.store)
    form, signature = FORGERIES[forgery]
    given = twilio_signature(RING, form) if signature == "signed" else signature
    headers = {} if given is None else {"X-Twilio-Signature": given}
    answer = office.client.post(RING, data=form, headers=headers)
    assert (answer.status_code, "Play" in answer.text) == (403, False)
    assert stored(office.services.store) == before


def test_its_rightly_signed_twin_is_released(office: Office) -> None:
    office.say("unlock")
    assert "<Play" in office.client.post(RING, data=FORM, headers={"X-Twilio-Signature": SIGNED}).text


@pytest.mark.parametrize("path", WEBHOOKS)
def test_every_webhook_refuses_what_is_not_signed(office: Office, path: str) -> None:
    office.ring(CALL)
    office.wait_until_asked(CALL)
    before = stored(office.services.store)
    form = {**FORM, "CallStatus": "completed", "DialCallStatus": "completed", "ParentCallSid": CALL}
    assert office.client.post(path, data=form).status_code == 403
    assert stored(office.services.store) == before


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-URL"])
def test_no_header_moves_the_address_that_is_signed(office: Office, header: str) -> None:
    signature = twilio_signature(RING, FORM, base="https://evil.example.com")
    headers = {"X-Twilio-Signature": signature, header: "evil.example.com"}
    assert office.client.post(RING, data=FORM, headers=headers).status_code == 403


def test_a_signed_query_is_part_of_the_address(office: Office) -> None:
    query = "/voice/ring?name=K%C3%B6ln&x=%2f~"
    signature = twilio_signature(query, FORM)
    assert office.client.post(query, data=FORM, headers={"X-Twilio-Signature": signature}).status_code == 200
    assert office.client.post(query + "1", data=FORM, headers={"X-Twilio-Signature": signature}).status_code == 403


def test_names_given_twice_are_signed_as_twilio_signs_them(office: Office) -> None:
    form = MultiDict([*FORM.items(), ("Twice", "b"), ("Twice", "a"), ("Twice", "b")])
    signature = RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC_URL + RING, form)
    answer = office.client.post(
        RING,
        data=urlencode(list(form.items(multi=True))),
        content_type=FORM_TYPE,
        headers={"X-Twilio-Signature": signature},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("token", ["new-token", "old-token"])
def test_while_the_token_is_rotated_both_are_good(tmp_path: Path, hosts: FakeHosts, token: str) -> None:
    settings = settings_for(tmp_path, OFFICE_TOML, TWILIO_AUTH_TOKEN="new-token, old-token")
    client = create_app(settings, hosts=hosts).test_client()
    signature = twilio_signature(RING, FORM, token=token)
    assert client.post(RING, data=FORM, headers={"X-Twilio-Signature": signature}).status_code == 200


@pytest.mark.parametrize("prefix", ["/doorbot", "/a/b/", ":8443/x"])
def test_the_public_address_may_have_a_prefix_that_a_proxy_takes_off(
    tmp_path: Path, hosts: FakeHosts, prefix: str
) -> None:
    client = create_app(settings_for(tmp_path, OFFICE_TOML, PUBLIC_URL=PUBLIC_URL + prefix), hosts=hosts).test_client()
    base = (PUBLIC_URL + prefix).rstrip("/")
    answer = client.post(RING, data=FORM, headers={"X-Twilio-Signature": twilio_signature(RING, FORM, base=base)})
    assert f'action="{base}/voice/forwarded/front"' in answer.text


def raw(office: Office, body: str | bytes, content_type: str = FORM_TYPE, path: str = RING) -> int:
    """The status of a post of these bytes, signed for the whole of FORM."""
    headers = {"X-Twilio-Signature": SIGNED}
    return office.client.post(path, data=body, content_type=content_type, headers=headers).status_code


MALFORMED = {
    "malformed percent-encoding": (urlencode(FORM) + "&x=%zz%", FORM_TYPE),
    "percent-encoded bytes that are no UTF-8": (urlencode(FORM) + "&x=%ff", FORM_TYPE),
    "bytes that are no UTF-8": (urlencode(FORM).encode() + b"&x=\xff\xfe", FORM_TYPE),
    "NUL bytes": (b"\0" * 100, FORM_TYPE),
    "nothing": (b"", FORM_TYPE),
    "10,000 fields": ("a=&" * 10_000, FORM_TYPE),
    "JSON": (json.dumps(FORM), "application/json"),
    "JSON that says it is a form": (json.dumps(FORM), FORM_TYPE),
    "a multipart form cut short": (
        b"--x\r\nContent-Disposition: form-data; name=a\r\n",
        "multipart/form-data; boundary=x",
    ),
    "no content type": (b"a", ""),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_body_is_refused_and_changes_nothing(office: Office, what: str) -> None:
    before = stored(office.services.store)
    assert raw(office, *MALFORMED[what]) in (400, 403, 411)
    assert stored(office.services.store) == before


def test_a_body_of_ten_megabytes_is_refused(office: Office) -> None:
    assert raw(office, b"a=" + b"x" * 10_000_000) == 413


def test_a_body_that_twilio_sends_as_it_is_encoded_is_taken(office: Office) -> None:
    assert raw(office, urlencode(FORM)) == 200


@pytest.mark.parametrize("path", WEBHOOKS)
def test_webhooks_are_only_posted(office: Office, path: str) -> None:
    methods = ["GET", "PUT", "DELETE", "PATCH"]
    assert [office.client.open(path, method=method, data=FORM).status_code for method in methods] == [405] * 4


@pytest.mark.parametrize("path", ["/voice", "/voice/", "/voice/open", "/voice/ring/front", "/voice/forwarded", "/"])
def test_other_paths_are_not_found(office: Office, path: str) -> None:
    assert office.voice_post(path, FORM).status_code == 404


@pytest.mark.parametrize("webhook", ["forwarded", "answered"])
@pytest.mark.parametrize("door", ["back", "Front", "%00", "é", "front%2F..", "x" * 3000])
def test_a_door_that_is_not_there_is_not_found(office: Office, webhook: str, door: str) -> None:
    path = f"/voice/{webhook}/{door}"
    answer = office.voice_post(path, {**FORM, "ParentCallSid": CALL})
    assert answer.status_code in (403, 404)  # Twilio signs none of our addresses in two spellings


ODD_CALLS = ["", " ", "CA 1", "CA1\n", "CA-1", "é" * 34, "٣", "CA" + "1" * 1000, "\0", "../state", "state:x"]


@pytest.mark.parametrize("path", WEBHOOKS[:3])
@pytest.mark.parametrize("call", ODD_CALLS)
def test_an_odd_call_sid_is_refused_and_changes_nothing(office: Office, path: str, call: str) -> None:
    form = {**FORM, "CallSid": call, "CallStatus": "completed", "DialCallStatus": "no-answer"}
    assert office.voice_post(path, form).status_code == 400
    assert stored(office.services.store) == {}


@pytest.mark.parametrize("path", WEBHOOKS[:3])
def test_a_missing_call_sid_is_refused_and_nobody_is_alarmed(office: Office, hosts: FakeHosts, path: str) -> None:
    answer = office.voice_post(path, without({**FORM, "CallStatus": "completed"}, "CallSid"))
    office.sweep()
    assert (answer.status_code, hosts.told) == (400, [])


@pytest.mark.parametrize("call", [*ODD_CALLS, None])
def test_an_answer_for_an_odd_call_changes_nothing(office: Office, hosts: FakeHosts, call: str | None) -> None:
    form = {**FORM, "To": TELEPHONE, **({} if call is None else {"ParentCallSid": call})}
    assert office.voice_post("/voice/answered/front", form).status_code < 500
    assert stored(office.services.store) == {}
    office.sweep()
    assert hosts.told == []


@pytest.mark.parametrize("name", sorted(FORM))
def test_every_parameter_may_be_missing_empty_long_or_strange(office: Office, name: str) -> None:
    for form in (without(FORM, name), *({**FORM, name: value} for value in ("", "x" * 5000, "\0\x01<&>\u202e💥"))):
        assert office.voice_post(RING, form).status_code < 500


def test_a_number_that_is_no_doors_is_rejected_and_leaves_no_trace(office: Office) -> None:
    assert office.ring(To="+12125550177") == '<?xml version="1.0" encoding="UTF-8"?><Response><Reject /></Response>'
    assert stored(office.services.store) == {}


@pytest.mark.parametrize("number", ["", " " + NUMBER, NUMBER + "0", "12125550100", "sip:front@example.com"])
def test_a_number_that_is_nearly_a_doors_is_rejected(office: Office, number: str) -> None:
    office.say("unlock")
    assert "<Reject />" in office.ring(To=number)
