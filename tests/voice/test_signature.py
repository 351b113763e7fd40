"""Our check of Twilio's signature, held against Twilio's own."""

from urllib.parse import urlparse

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator, add_port, remove_port
from werkzeug.datastructures import MultiDict

from app.voice.signature import Signature
from tests.support import AUTH_TOKEN, PUBLIC_URL

PATH = "/voice/ring"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FORMS = st.dictionaries(TEXTS, st.lists(TEXTS, min_size=1, max_size=3), max_size=8)
BASES = st.sampled_from(
    [PUBLIC_URL, "https://door.example.com:8443", "http://door.example.com", "https://example.com/door/bot"]
)


def twilio_signs(url: str, form: dict[str, list[str]], token: str = AUTH_TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, MultiDict(form)))


@given(form=FORMS, base=BASES)
def test_whatever_twilio_signs_is_valid(form: dict[str, list[str]], base: str) -> None:
    assert Signature([AUTH_TOKEN], base).is_valid(PATH, form, twilio_signs(base + PATH, form))


@given(form=FORMS, base=BASES)
def test_twilio_may_sign_with_and_without_the_port(form: dict[str, list[str]], base: str) -> None:
    url = urlparse(base + PATH)
    signature = Signature([AUTH_TOKEN], base)
    assert all(signature.is_valid(PATH, form, twilio_signs(each(url), form)) for each in (add_port, remove_port))


@given(form=FORMS, other=FORMS, base=BASES)
def test_a_signature_is_valid_for_a_form_exactly_when_twilio_says_so(
    form: dict[str, list[str]], other: dict[str, list[str]], base: str
) -> None:
    made = twilio_signs(base + PATH, other)
    theirs = RequestValidator(AUTH_TOKEN).validate(base + PATH, MultiDict(form), made)
    assert Signature([AUTH_TOKEN], base).is_valid(PATH, form, made) == theirs


@given(form=FORMS, signature=st.text())
def test_no_text_is_a_signature_but_the_right_one(form: dict[str, list[str]], signature: str) -> None:
    expected = RequestValidator(AUTH_TOKEN).validate(PUBLIC_URL + PATH, MultiDict(form), signature)
    assert Signature([AUTH_TOKEN], PUBLIC_URL).is_valid(PATH, form, signature) == expected


@pytest.mark.parametrize("token", ["new-token", "old-token"])
def test_while_tokens_are_rotated_each_of_them_verifies(token: str) -> None:
    signature = Signature(["new-token", "old-token"], PUBLIC_URL)
    assert signature.is_valid(PATH, {"a": ["b"]}, twilio_signs(PUBLIC_URL + PATH, {"a": ["b"]}, token))


@pytest.mark.parametrize(
    ("url", "token"),
    [
        (PUBLIC_URL + PATH, "another-token"),
        (PUBLIC_URL + PATH, ""),
        ("http://door.example.com" + PATH, AUTH_TOKEN),
        ("https://door.example.org" + PATH, AUTH_TOKEN),
        ("https://door.example.com:8443" + PATH, AUTH_TOKEN),
        (PUBLIC_URL + "/voice/status", AUTH_TOKEN),
        (PUBLIC_URL + PATH + "?x=1", AUTH_TOKEN),
        (PUBLIC_URL + PATH + "/", AUTH_TOKEN),
    ],
)
def test_another_address_or_token_is_refused(url: str, token: str) -> None:
    form = {"CallSid": ["CA1"]}
    assert not Signature([AUTH_TOKEN], PUBLIC_URL).is_valid(PATH, form, twilio_signs(url, form, token))
