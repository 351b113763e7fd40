"""What was typed after `grant` and `revoke`."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidInput
from app.domain.grant_terms import Wanted, parse_wanted, parse_whom
from app.domain.people import Given
from tests.support import local

ZONE = ZoneInfo("America/New_York")
NOON = local("2026-11-23T12:00")  # a Monday
BEN, GROUP = "U0BEN0001", "S0RECEPTION"
AT_BEN, AT_GROUP = f"<@{BEN}|ben>", f"<!subteam^{GROUP}|@reception>"


def wanted(text: str) -> Wanted:
    return parse_wanted(text, NOON, ZONE)


@pytest.mark.parametrize(
    ("text", "who", "role"),
    [
        (AT_BEN, BEN, Given.HOST),
        (f"<@{BEN}>", BEN, Given.HOST),
        (BEN, BEN, Given.HOST),
        (f"{AT_BEN} admin", BEN, Given.ADMIN),
        (f"{AT_BEN} as an Admin", BEN, Given.ADMIN),
        (f"{AT_BEN} as host", BEN, Given.HOST),
        (f"admin {AT_BEN}", BEN, Given.ADMIN),
        (AT_GROUP, GROUP, Given.HOST),
        (f"<!subteam^{GROUP}> admin", GROUP, Given.ADMIN),
        (f"{GROUP} admins", GROUP, Given.ADMIN),
        ("<@W0BEN0001|Ben O. Smith>", "W0BEN0001", Given.HOST),
        (f"{AT_BEN} {AT_BEN}", BEN, Given.HOST),
    ],
)
def test_a_person_or_a_group_and_a_role(text: str, who: str, role: Given) -> None:
    assert wanted(text) == Wanted(who, role, None)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("until friday", "2026-11-28T00:00"),
        ("until monday", "2026-11-24T00:00"),
        ("until the end of friday", "2026-11-28T00:00"),
        ("until 24 december", "2026-12-25T00:00"),
        ("until 2026-12-24", "2026-12-25T00:00"),
        ("until tomorrow", "2026-11-25T00:00"),
        ("until friday 18:00", "2026-11-27T18:00"),
        ("until 24 december at 6pm", "2026-12-24T18:00"),
        ("until 18:00", "2026-11-23T18:00"),
        ("until noon", "2026-11-23T12:00"),
        ("until midnight", "2026-11-24T00:00"),
        ("until 9:00", "2026-11-23T09:00"),
        ("until 2026-01-01", "2026-11-23T00:00"),
        ("for 2h", "2026-11-23T14:00"),
        ("for 2 weeks", "2026-12-07T12:00"),
        ("until 1 november 2027", "2027-11-02T00:00"),
    ],
)
def test_a_right_ends_at_the_end_of_a_day_or_at_a_time(text: str, until: str) -> None:
    assert wanted(f"{AT_BEN} admin {text}") == Wanted(BEN, Given.ADMIN, local(until))


def test_the_end_of_a_day_on_which_clocks_change_is_its_midnight() -> None:
    before = local("2026-10-31T12:00")
    assert parse_wanted(f"{AT_BEN} until sunday", before, ZONE).until == local("2026-11-02T00:00")


NOT_UNDERSTOOD = {
    "": "Whom?",
    "admin": "Whom?",
    "@ben": "Slack didn't tell me who “@ben” is.",
    "@ben admin until friday": "should_escape",
    "ben": "Whom?",
    "SAM": "Whom?",
    f"{AT_BEN} <@U0ANA0001>": "One at a time",
    f"{AT_BEN} and {AT_GROUP}": "One at a time",
    f"{AT_BEN} owner": "a role is `host` or `admin`",
    f"{AT_BEN} host admin": "a role is `host` or `admin`",
    f"{AT_BEN} front": "a role is `host` or `admin`",
    f"{AT_BEN} until": "is not a day or a time",
    f"{AT_BEN} until christmas": "“christmas” is not a day or a time",
    f"{AT_BEN} until 30 february": "is not a time of day",
    f"{AT_BEN} until friday 25:00": "Try 14:00",
    f"{AT_BEN} for ever": "is not a length of time",
    f"{AT_BEN} for 11 years": "is not a length of time",
    f"{AT_BEN} until 2050-01-01": "more than ten years",
    f"{AT_BEN} until 9999-12-31": "more than ten years",
}


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_not_understood_is_said_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        wanted(text)
    assert NOT_UNDERSTOOD[text] in str(caught.value)
    assert "Try" in str(caught.value)


@pytest.mark.parametrize(("text", "who"), [(AT_BEN, BEN), (AT_GROUP, GROUP), (BEN, BEN)])
def test_a_revocation_names_a_person_or_a_group(text: str, who: str) -> None:
    assert parse_whom(text) == who


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Whom?"),
        ("@ben", "Slack didn't tell me"),
        (f"{AT_BEN} now", "I don't understand “now”"),
        (f"{AT_BEN} admin", "Revoking takes every role away."),
        (f"{AT_BEN} <@U0ANA0001>", "One at a time"),
    ],
)
def test_what_can_not_be_revoked_is_said_with_an_example(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_whom(text)
    assert said in str(caught.value)
    assert "`/frontdoor revoke @ben`" in str(caught.value)


PARTS = [AT_BEN, AT_GROUP, BEN, "admin", "as", "until", "for", "friday", "24", "december", "18:00", "2h", "@ben"]
WORDS = st.lists(st.sampled_from(PARTS) | st.text(max_size=8), max_size=7).map(" ".join)
PLACES = ["UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo"]
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(WORDS, MOMENTS, st.sampled_from(PLACES).map(ZoneInfo))
def test_any_words_are_a_right_or_explained_with_an_example(text: str, now: datetime, zone: ZoneInfo) -> None:
    try:
        found = parse_wanted(text, now, zone)
    except InvalidInput as error:
        told = str(error)
    else:
        told = "" if found.until is None or found.until < now + timedelta(days=3660) else "far away"
    assert not told or "Try" in told


@given(WORDS)
def test_any_words_are_whom_it_concerns_or_explained_with_an_example(text: str) -> None:
    try:
        told = f"`/frontdoor revoke {parse_whom(text)}`"
    except InvalidInput as error:
        told = str(error)
    assert "`/frontdoor revoke " in told
