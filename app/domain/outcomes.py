"""What a command came to. Each edge puts it into words."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.access_codes import AccessCode
from app.domain.audit import Action
from app.domain.doors import Door, Lockdown
from app.domain.people import Grant, Revocation
from app.domain.timetable import Outlook
from app.domain.unlocks import Bound, Unlock
from app.domain.visits import Visit


class RefusalReason(StrEnum):
    """The one reason of a refusal."""

    NOT_PERMITTED = "not_permitted"
    NOT_FULL_MEMBER = "not_full_member"
    MEMBERSHIP_UNKNOWN = "membership_unknown"
    OTHER_WORKSPACE = "other_workspace"
    OUTSIDE_HOURS = "outside_hours"
    PAST = "past"
    NOT_UNDERSTOOD = "not_understood"
    TOO_LATE = "too_late"
    LOCKDOWN = "lockdown"
    GONE = "gone"
    LAST_ADMIN = "last_admin"
    LINK_USED = "link_used"
    LINK_OVER = "link_over"
    OTHER_BROWSER = "other_browser"
    OTHER_SITE = "other_site"


@dataclass(frozen=True)
class Refused:
    """Nothing was changed, for one reason. `hint` may say more, with an example of right input."""

    action: Action
    reason: RefusalReason
    door: Door | None = None
    hint: str = ""


@dataclass(frozen=True)
class Unlocked:
    """The door is unlocked until `unlock.ends_at`; `kept` where a longer unlock was running already."""

    door: Door
    unlock: Unlock
    bound: Bound | None = None
    kept: bool = False


@dataclass(frozen=True)
class Extended:
    """The door stays unlocked until `unlock.ends_at`, later than before."""

    door: Door
    unlock: Unlock
    bound: Bound | None = None


@dataclass(frozen=True)
class Locked(Outlook):
    """The door is locked; `ended` are the unlocks that this ended, `suspended` is how what it suspends is called.

    `unconfirmed`, here and below: no copy of the store has said in time that it has this too.
    """

    door: Door
    ended: tuple[Unlock, ...]
    suspended: str = ""
    unconfirmed: bool = False


@dataclass(frozen=True)
class LockedDown:
    """Nothing releases the door; `kept`: a longer lockdown was in force. `unread`: a time was not understood."""

    door: Door
    lockdown: Lockdown
    kept: bool = False
    unread: bool = False
    unconfirmed: bool = False


@dataclass(frozen=True)
class Lifted:
    """The lockdown is over; None where there was none."""

    door: Door
    lockdown: Lockdown | None


@dataclass(frozen=True)
class EveryDoor:
    """A lockdown of every door (`of` so many), or the end of those at `doors`.

    It has not been carried out yet at the `pending` doors; at the `longer` ones another lockdown lasts longer.
    """

    action: Action
    doors: tuple[Door, ...]
    of: int
    lockdown: Lockdown | None = None
    pending: tuple[Door, ...] = ()
    longer: tuple[Door, ...] = ()
    unread: bool = False
    unconfirmed: bool = False


@dataclass(frozen=True)
class Answered:
    """A host let the visitor in, perhaps with an unlock, or turned the visitor away; the message itself tells so."""

    visit: Visit
    unlock: Unlock | None = None


@dataclass(frozen=True)
class Calibrating:
    """Tones are tried until `ends_at`; the profile `usual` is what the door gets otherwise."""

    door: Door
    ends_at: datetime
    usual: str


@dataclass(frozen=True)
class ToneTried:
    """A tone did not open the door; `following` is tried next, "" where there is none."""

    door: Door
    following: str


@dataclass(frozen=True)
class ToneKept:
    """The door gets this tone from now on."""

    door: Door
    profile: str


@dataclass(frozen=True)
class Granted:
    """Somebody has this right, at `doors`; `kept` where it was there before and nothing was changed.

    `members`: how many are in a group, None for a person.
    """

    doors: tuple[Door, ...]
    right: Grant
    kept: bool = False
    is_guest: bool = False
    members: int | None = None


@dataclass(frozen=True)
class Revoked:
    """Somebody has no right at `doors` any more; `had_none` where nothing was changed."""

    doors: tuple[Door, ...]
    revocation: Revocation
    had_none: bool = False
    unconfirmed: bool = False


@dataclass(frozen=True)
class ListedRight:
    """A right as it is shown: of whom it is said that they left, and of a group its members, where they are known."""

    right: Grant
    is_gone: bool = False
    members: frozenset[str] | None = None


@dataclass(frozen=True)
class PeopleListed:
    """Who may do what at `doors`; `everywhere` where these are all."""

    doors: tuple[Door, ...]
    everywhere: bool
    rights: tuple[ListedRight, ...]
    revocations: tuple[Revocation, ...]


@dataclass(frozen=True)
class DoorStatus(Outlook):
    """What is in force at a door at `now`, and when its working hours begin next."""

    door: Door
    unlock: Unlock | None
    is_open: bool
    next_opening: datetime | None
    lockdown: Lockdown | None = None


@dataclass(frozen=True)
class CodeIssued:
    """A new code; `digits` are shown once, and "" whenever this is said again."""

    door: Door
    code: AccessCode
    digits: str = field(default="", repr=False)


@dataclass(frozen=True)
class CodeRevoked:
    """A code that releases nothing any more."""

    door: Door
    code: AccessCode


@dataclass(frozen=True)
class DoorCodesListed:
    """The live codes of a door; `lockout_ends` where none of them is looked at now."""

    door: Door
    codes: tuple[AccessCode, ...]
    lockout_ends: datetime | None


@dataclass(frozen=True)
class NotReached:
    """One of several doors at which nothing was done, because the store was not reached any more."""

    door: Door


@dataclass(frozen=True)
class Repeated:
    """The same command delivered again: its first answer."""

    answer: str
