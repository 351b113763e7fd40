"""`POST /voice/check`: verified like every other path, and touches nothing."""

from typing import Any

import pytest

from app.ports import Store
from tests.support import ACCOUNT_SID, NUMBER, Office, stored, twilio_signature, verbs

PATH = "/voice/check"
FORM = {"AccountSid": ACCOUNT_SID}


def test_a_signed_check_is_answered_with_nothing_and_touches_no_door(office: Office, store: Store) -> None:
    before = stored(store)
    answer = office.voice_post(PATH, FORM)
    assert (answer.status_code, verbs(answer.text), answer.content_type) == (200, [], "text/xml; charset=utf-8")
    assert not office.services.forgeries._counts
    assert stored(store) == before


@pytest.mark.parametrize(
    ("form", "signature"),
    [
        (FORM, ""),
        (FORM, twilio_signature("/voice/ring", FORM)),
        (FORM, twilio_signature(PATH, FORM, token="another")),
        ({"AccountSid": "AC" + "1" * 32}, twilio_signature(PATH, {"AccountSid": "AC" + "1" * 32})),
        ({"To": NUMBER}, twilio_signature(PATH, {"To": NUMBER})),
    ],
)
def test_any_other_is_refused(office: Office, store: Store, form: dict[str, str], signature: str) -> None:
    before = stored(store)
    assert office.voice_post(PATH, form, signature).status_code == 403
    assert stored(store) == before


def test_other_methods_and_longer_paths_are_not_answered(office: Office) -> None:
    assert office.client.get(PATH).status_code == 405
    assert office.voice_post(f"{PATH}/front", FORM).status_code == 404


def test_it_does_not_end_the_alarm_that_twilios_own_signatures_fail(office: Office, monkeypatch: Any) -> None:
    heard: list[object] = []
    monkeypatch.setattr(office.services.alarms.verifications, "passed", heard.append)
    office.voice_post(PATH, FORM)
    assert heard == []
    office.ring()
    assert len(heard) == 1
