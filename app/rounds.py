"""What each process does by itself, in threads of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from app.background import FOLLOWING_SECONDS, Background, House, Round
from app.clock import utcnow
from app.timekeeping import Timekeeping
from app.usecases.announcements import Announcements
from app.usecases.reminders import Reminders
from app.usecases.summaries import LEASE_NAME as SUMMARIES

if TYPE_CHECKING:
    from app.services import Services


def timekeeping(services: Services) -> Timekeeping:
    """What must happen at a time, by one process only."""
    store, doors, tell = services.store, services.office.doors, services.tell
    timed = (
        services.declarations.resume,
        services.lockdowns.end,
        Announcements(store, doors, services.roles.hosts_of, tell).announce,
        Reminders(store, doors, services.office.terms, tell).remind,
        services.reports.weekly,
        services.alarms.silence.look,
    )
    return Timekeeping(services.leases, timed)


def background(services: Services) -> Background:
    """What nobody waits for, a thread for each line: a Slack that hangs must not hold up the record."""
    house = House(services.faults, services.housekeeping, _house(services))
    notices, digests, timed, summaries = services.notices, services.digests, services.timekeeping, services.summaries
    record = Timekeeping(services.leases, services.recording.timed, "record")
    counting = Timekeeping(services.leases, [summaries.count, summaries.trim, services.housekeeping.trim], SUMMARIES)
    telling = (services.faults.tell, services.tones.look_back, digests.gather, lambda _: notices.deliver(utcnow))
    return Background(
        Round("housekeeping", [house.keep]),
        Round("timekeeping", [lambda _: timed.keep()]),
        Round("record", [lambda _: record.keep()]),
        Round("summaries", [lambda _: counting.keep()]),
        Round("watching", services.alarms.looks),
        Round("telling", telling, woken=services.woken),
        Round("digests", [lambda _: digests.tell(utcnow)]),
        Round("homes", [services.following.follow], seconds=FOLLOWING_SECONDS),
    )


def _house(services: Services) -> list[Callable[[datetime], object]]:
    questions, moves = services.questions, services.moves
    return [
        services.forgeries.record,
        services.names.keep,
        services.housekeeping.sweep,
        lambda _: questions.sweep(services.asking),
        lambda _: moves.sweep(services.moving),
    ]
