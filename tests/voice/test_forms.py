"""The parser that stands on the path of every ring, held against Python's own."""

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.forms import MOST_FIELDS, parse_form

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=150)
FORMS = st.dictionaries(TEXTS, st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=8)
PIECES = st.sampled_from(["%", "%41", "%c3%b6", "%ff", "+", "=", "&", ";", "a", "ö", "%2", "%zz", "\0", " "])


@given(form=FORMS)
def test_what_was_encoded_is_read_back(form: dict[str, list[str]]) -> None:
    assert parse_form(urlencode(form, doseq=True).encode()) == form


@given(text=st.lists(PIECES, min_size=1, max_size=12).map("".join))
def test_any_body_is_read_as_python_reads_it_or_refused(text: str) -> None:
    try:
        expected = parse_qs(text, keep_blank_values=True, errors="strict")
    except ValueError:
        expected = None
    try:
        found = parse_form(text.encode())
    except ValueError:
        found = None
    assert _named(found) == _named(expected)


def _named(form: dict[str, list[str]] | None) -> dict[str, list[str]] | None:
    """Without empty fields, as in `a=1&&b=2`: Python drops them, and a signature does not see them."""
    parts = {name: [value for value in values if name or value] for name, values in (form or {}).items()}
    return form and {name: values for name, values in parts.items() if values}


@pytest.mark.parametrize("body", [b"\xff", b"a=\xc3", b"a=%ff", b"%c3=1", "a=ü".encode("latin-1")])
def test_what_is_no_utf8_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="utf-8"):
        parse_form(body)


@pytest.mark.parametrize(("fields", "is_taken"), [(MOST_FIELDS, True), (MOST_FIELDS + 1, False), (100_000, False)])
def test_there_is_an_end_to_the_number_of_fields(fields: int, is_taken: bool) -> None:
    body = "&".join(["a=1"] * fields).encode()
    if is_taken:
        assert parse_form(body) == {"a": ["1"] * fields}
    else:
        with pytest.raises(ValueError, match="too many"):
            parse_form(body)
