"""What can't be put right is sealed as it is now, where somebody says so: on record and told."""

import pytest

from app.domain.permissions import Role
from app.ports import OFFICE, Store
from app.usecases.seal_anew import begin_anew
from tests.support import asked
from tests.usecases.sealed import FRONT, NEWER, SIDE, Sealed


def anew(sealed: Sealed) -> list[str]:
    request = asked(sealed.now, "cli:ana", Role.ADMIN)
    return begin_anew(sealed.store, sealed.keys, sealed.recording.breaches, request, sealed.logs)


@pytest.fixture
def sealed(store: Store) -> Sealed:
    made = Sealed(store)
    made.append(300)
    made.append(5, "side")
    made.seal()
    return made


@pytest.mark.parametrize("is_running", [True, False])
def test_a_log_that_was_changed_for_good_is_sealed_as_it_is(sealed: Sealed, is_running: bool) -> None:
    sealed.raw.remove(FRONT, 100, 101, 300)
    sealed.raw.change(FRONT, 3, b"forwarded", b"released")
    sealed.append(5)
    sealed.rounds(2)
    before = sealed.raw.record(SIDE, "seal")
    assert anew(sealed if is_running else Sealed(sealed.store, now=sealed.now)) == [FRONT]
    sealed.rounds(3)
    assert (sealed.noticed(), sealed.wrong(), sealed.verified().unsealed) == (None, [], 0)
    assert sealed.raw.record(SIDE, "seal") == before
    sealed.raw.remove(FRONT, 99, 200)
    assert sealed.wrong() == [("missing", 99, 99), ("missing", 200, 200)]
    last = sealed.events()[-1]
    assert (last.reason, last.actor, last.details["what"] != "") == ("anew", "cli:ana", True)
    assert any("is sealed anew, as it is now, by cli:ana" in text for _, text in sealed.told())


@pytest.mark.parametrize("text", [None, "{"])
def test_where_the_key_is_lost_every_log_begins_anew_also_in_processes_that_run(
    sealed: Sealed, text: str | None
) -> None:
    sealed.raw.put_record(OFFICE, "sealing_key", text)
    sealed.rounds(5)
    assert sorted(anew(Sealed(sealed.store, now=sealed.now))) == sorted([FRONT, SIDE, OFFICE])
    for each in (sealed, Sealed(sealed.store, now=sealed.now)):
        each.rounds(5)
        assert (each.recording.sealing.standing(["front"])["front"].problem, each.wrong(), each.wrong(SIDE)) == (
            "",
            [],
            [],
        )
        assert each.sealed() > 300


def test_with_another_secret_for_good_too(sealed: Sealed) -> None:
    other = Sealed(sealed.store, NEWER, now=sealed.now)
    other.rounds(2)
    anew(other)
    other.rounds(3)
    assert (other.wrong(), other.noticed(), other.sealed() > 300) == ([], None, True)


def test_where_nothing_is_wrong_nothing_is_begun(sealed: Sealed) -> None:
    before = [sealed.raw.record(log, "seal") for log in sealed.logs]
    assert anew(sealed) == []
    assert [sealed.raw.record(log, "seal") for log in sealed.logs] == before
