"""What is said of many doors at once."""

from collections.abc import Sequence

from app.domain.outcomes import DoorCodesListed, DoorStatus
from app.domain.phrases import listed


def others(found: Sequence[DoorStatus]) -> str:
    """How it stands at doors that are not told of one by one; those that are not simply locked are named."""
    down = [each.door.id for each in found if each.lockdown]
    unlocked = [each.door.id for each in found if each.unlock and not each.lockdown]
    releasing = [each.door.id for each in found if each.releasing_until and not (each.lockdown or each.unlock)]
    locked = len(found) - len(down) - len(unlocked) - len(releasing)
    parts = [
        f"{len(down)} in lockdown ({listed(down)})" if down else "",
        f"{len(unlocked)} unlocked ({listed(unlocked)})" if unlocked else "",
        f"{len(releasing)} releasing by schedule ({listed(releasing)})" if releasing else "",
        f"{locked} locked" if locked else "",
    ]
    number = f"{len(found)} more door{'' if len(found) == 1 else 's'}"
    example = f"`/frontdoor status {found[0].door.id}` shows one."
    return f"{number}: {', '.join(part for part in parts if part)}. {example}"


def left_out(found: Sequence[DoorCodesListed], told: Sequence[DoorCodesListed], shown: int) -> list[str]:
    """What is said of doors whose codes are not listed: that they have none, or that there are too many."""
    lines = (
        [f"…and {len(told) - shown} more: `/frontdoor code {told[shown].door.id}` lists one."]
        if shown < len(told)
        else []
    )
    without = len(found) - len(told)
    which = "No door has codes." if not told else f"{without} other door{' has' if without == 1 else 's have'} none."
    return [*lines, which] if without else lines
