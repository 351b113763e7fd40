"""What counts of what the file names, what was granted and what was revoked."""

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.office import People
from app.domain.people import FROM_THE_FILE, Directory, Given, Grant, Grants, Revocation, named_in_file
from app.domain.permissions import Role
from tests.support import ADMIN, HOST, WORKSPACE, a_door, local

NOON = local("2026-11-23T12:00")
HOUR = timedelta(hours=1)
BEN, ANA, GROUP = "U0BEN0001", "W0ANA0001", "S0RECEPTION"
DOORS = [a_door(id="front"), a_door(id="side", admins=frozenset({ANA}), hosts=frozenset({BEN}))]
FILE = named_in_file(People(WORKSPACE, frozenset({ADMIN}), frozenset({HOST, GROUP})), DOORS)
PLACES = ("", "front", "side")


def granted(who: str, role: Given = Given.HOST, door: str = "", until: datetime | None = None) -> Grant:
    return Grant(who, role, ADMIN, NOON, door, until)


def record(*changes: Grant | Revocation, now: datetime = NOON) -> Grants:
    """What is stored after these, one after the other."""
    found = Grants()
    for change in changes:
        found = found.with_grant(change, now) if isinstance(change, Grant) else found.with_revocation(change, now)
    return found


def revoked(who: str, door: str = "") -> Revocation:
    return Revocation(who, ADMIN, NOON, door)


def roles(who: str, *changes: Grant | Revocation, groups: Any = (), now: datetime = NOON) -> list[Role]:
    """What somebody is in the office, at the front and at the side door."""
    directory = Directory.at(FILE, record(*changes), now)
    found = [directory.role(who, place, groups) for place in PLACES]
    some = directory.roles(who, groups)
    assert found == [some.get(place, some[""]) for place in PLACES]
    return found


NONE, MINE, OVER = Role.NOBODY, Role.HOST, Role.ADMIN


def test_the_file_names_people_for_every_door_or_one() -> None:
    assert [roles(who) for who in (ADMIN, HOST, ANA, BEN, "U0OTHER01")] == [
        [OVER, OVER, OVER],
        [MINE, MINE, MINE],
        [NONE, NONE, OVER],
        [NONE, NONE, MINE],
        [NONE, NONE, NONE],
    ]


@pytest.mark.parametrize(
    ("who", "groups", "changes", "expected"),
    [
        (BEN, (), [granted(BEN)], [MINE, MINE, MINE]),
        (BEN, (), [granted(BEN, Given.ADMIN)], [OVER, OVER, OVER]),
        (BEN, (), [granted(BEN, Given.ADMIN, "front")], [NONE, OVER, MINE]),
        (HOST, (), [granted(HOST, Given.ADMIN, "side")], [MINE, MINE, OVER]),
        (BEN, (GROUP,), [], [MINE, MINE, MINE]),
        (BEN, (GROUP,), [granted(GROUP, Given.ADMIN, "side")], [MINE, MINE, OVER]),
        (ADMIN, (), [revoked(ADMIN)], [NONE, NONE, NONE]),
        (ADMIN, (), [revoked(ADMIN, "side")], [OVER, OVER, NONE]),
        (BEN, (GROUP,), [revoked(BEN)], [NONE, NONE, NONE]),
        (BEN, (GROUP,), [revoked(BEN, "front")], [MINE, NONE, MINE]),
        (BEN, (GROUP,), [revoked(GROUP)], [NONE, NONE, MINE]),
        (BEN, (GROUP,), [revoked(GROUP, "front")], [MINE, NONE, MINE]),
        (BEN, (), [granted(BEN), revoked(BEN)], [NONE, NONE, NONE]),
        (BEN, (), [granted(BEN), revoked(BEN, "front")], [MINE, NONE, MINE]),
        (BEN, (), [granted(BEN, door="front"), revoked(BEN, "side")], [NONE, MINE, NONE]),
        (ADMIN, (), [revoked(ADMIN), granted(ADMIN)], [MINE, MINE, MINE]),
        (ADMIN, (), [revoked(ADMIN), granted(ADMIN, door="front")], [NONE, MINE, NONE]),
        (ADMIN, (), [revoked(ADMIN, "side"), granted(ADMIN)], [OVER, OVER, MINE]),
        (BEN, (), [granted(BEN), revoked(BEN, "front"), granted(BEN, door="front")], [MINE, MINE, MINE]),
        (BEN, (GROUP,), [revoked(BEN), granted(GROUP, Given.ADMIN)], [NONE, NONE, NONE]),
        (BEN, (GROUP,), [revoked(GROUP), granted(GROUP)], [MINE, MINE, MINE]),
        (BEN, (), [revoked(BEN), revoked(BEN), granted(BEN)], [MINE, MINE, MINE]),
    ],
)
def test_a_revocation_beats_the_file_and_groups_and_a_later_grant_beats_it(
    who: str, groups: tuple[str, ...], changes: list[Any], expected: list[Role]
) -> None:
    assert roles(who, *changes, groups=groups) == expected


def test_a_right_ends_at_its_time_and_is_dropped_with_the_next_change() -> None:
    right = granted(BEN, Given.ADMIN, until=NOON + HOUR)
    before, at = NOON + HOUR - timedelta.resolution, NOON + HOUR
    assert roles(BEN, right, now=before)[0] is OVER
    assert roles(BEN, right, now=at)[0] is NONE
    after = record(right).with_grant(granted(ANA), at)
    assert [each.who for each in after.grants] == [ANA]
    assert [each.who for each in record(right).with_revocation(revoked(ANA), before).grants] == [BEN]


def test_a_right_for_good_is_not_shortened_by_a_later_one_and_outlasts_a_higher_one() -> None:
    changes = [granted(BEN), granted(BEN, until=NOON + HOUR), granted(BEN, Given.ADMIN, until=NOON + HOUR)]
    assert roles(BEN, *changes)[0] is OVER
    assert roles(BEN, *changes, now=NOON + HOUR)[0] is MINE


def test_what_a_new_right_contains_is_dropped() -> None:
    parts = [granted(BEN, door="front"), granted(BEN, until=NOON + HOUR), granted(ANA)]
    assert [each.who for each in record(*parts, granted(BEN, Given.ADMIN)).grants] == [ANA, BEN]


def test_a_revocation_contains_those_of_single_doors() -> None:
    assert record(revoked(BEN, "front"), revoked(BEN, "side"), revoked(ANA, "side"), revoked(BEN)).revocations == (
        record(revoked(BEN, "front"), revoked(BEN, "side"), revoked(ANA, "side"), revoked(BEN)).revocations[0],
        Revocation(BEN, ADMIN, NOON + 3 * timedelta.resolution),
    )


@pytest.mark.parametrize("clock", [NOON - HOUR, NOON, NOON + HOUR])
def test_the_later_change_wins_whatever_the_clocks_of_the_processes_show(clock: datetime) -> None:
    for first, then, expected in ((granted(BEN), revoked(BEN), NONE), (revoked(BEN), granted(BEN), MINE)):
        known = record(first)
        changed = (
            known.with_grant(then, clock) if isinstance(then, Grant) else known.with_revocation(then, clock)  # type: ignore[arg-type]
        )
        assert Directory.at((), changed, NOON).role(BEN, "") is expected


def test_the_file_is_older_than_everything() -> None:
    assert record(revoked(BEN), now=FROM_THE_FILE + timedelta.resolution).revocations[0].at > FROM_THE_FILE


@pytest.mark.parametrize(
    ("changes", "wanted", "is_given"),
    [
        ([], granted(HOST), True),
        ([], granted(HOST, door="front", until=NOON + HOUR), True),
        ([], granted(HOST, Given.ADMIN), False),
        ([], granted(BEN, door="side"), True),
        ([], granted(BEN), False),
        ([revoked(HOST, "side")], granted(HOST), False),
        ([revoked(HOST, "side")], granted(HOST, door="front"), True),
        ([granted(BEN, until=NOON + HOUR)], granted(BEN), False),
        ([granted(BEN, until=NOON + HOUR)], granted(BEN, until=NOON + HOUR), True),
        ([granted(BEN, until=NOON + HOUR)], granted(BEN, until=NOON + 2 * HOUR), False),
    ],
)
def test_what_is_already_so(changes: list[Any], wanted: Grant, is_given: bool) -> None:
    assert (Directory.at(FILE, record(*changes), NOON).already(wanted) is not None) is is_given


def test_groups_that_give_most_come_first_and_those_without_a_right_not_at_all() -> None:
    changes = [granted("S0LEADERS", Given.ADMIN, "side"), granted("S0ANYBODY"), revoked("S0ANYBODY")]
    assert Directory.at(FILE, record(*changes), NOON).groups() == {"S0LEADERS": OVER, GROUP: MINE}


WHO, WHERE = st.sampled_from([BEN, GROUP]), st.sampled_from(PLACES)
TIMES = st.none() | st.integers(1, 5).map(lambda hours: NOON + hours * HOUR)
CHANGES = st.lists(
    st.builds(Grant, WHO, st.sampled_from(Given), st.just(ADMIN), st.just(NOON), WHERE, TIMES)
    | st.builds(Revocation, WHO, st.just(ADMIN), st.just(NOON), WHERE),
    max_size=6,
)


def judged(changes: list[Any], door: str, is_member: bool, now: datetime) -> Role:
    """The same by walking through what happened: whatever was given to an id lies in a heap until it is taken away."""
    heaps: dict[str, list[Any]] = {BEN: [], GROUP: []}
    for right in FILE:
        if right.who in heaps and right.door in ("", door):
            heaps[right.who].append(right)
    through_groups = is_member
    for change in changes:
        if change.door not in ("", door):
            continue
        if isinstance(change, Grant):
            heaps[change.who].append(change)
        else:
            heaps[change.who].clear()
            through_groups = through_groups and change.who != BEN
    rights = heaps[BEN] + (heaps[GROUP] if through_groups else [])
    live = [each.role for each in rights if each.until is None or now < each.until]
    return OVER if Given.ADMIN in live else MINE if live else NONE


@given(CHANGES, st.booleans(), st.integers(0, 6))
def test_what_counts_is_what_a_slow_judge_says(changes: list[Any], is_member: bool, hours: int) -> None:
    now, groups = NOON + hours * HOUR, {GROUP} if is_member else set()
    directory = Directory.at(FILE, record(*changes), now)
    for door in PLACES:
        assert directory.role(BEN, door, groups) is judged(changes, door, is_member, now)


@given(CHANGES, WHO, WHERE, st.sampled_from(Given), TIMES)
def test_what_is_already_so_changes_nothing_when_it_is_granted(
    changes: list[Any], who: str, door: str, role: Given, until: datetime | None
) -> None:
    wanted, known = Grant(who, role, ADMIN, NOON, door, until), record(*changes)
    if Directory.at(FILE, known, NOON).already(wanted):
        after = known.with_grant(wanted, NOON)
        for place, hours, groups in product(PLACES, range(7), (set(), {GROUP})):
            now = NOON + hours * HOUR
            before_it, after_it = (Directory.at(FILE, each, now) for each in (known, after))
            assert before_it.role(BEN, place, groups) is after_it.role(BEN, place, groups)
