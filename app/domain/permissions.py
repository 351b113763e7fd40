"""Who may do what."""

from enum import IntEnum

from app.domain.audit import Action


class Role(IntEnum):
    """What a person is here; each role may do all that the ones below it may."""

    NOBODY = 0
    MEMBER = 1
    HOST = 2
    ADMIN = 3


REQUIRED = {
    Action.HELP: Role.MEMBER,
    Action.STATUS: Role.MEMBER,
    Action.UNLOCK: Role.HOST,
    Action.LOCK: Role.HOST,
    Action.ADMIT: Role.HOST,
    Action.TURN_AWAY: Role.HOST,
    Action.CODES: Role.HOST,
    Action.ISSUE_CODE: Role.HOST,
    Action.REVOKE_CODE: Role.HOST,
    Action.TONE: Role.HOST,
    Action.KEEP_TONE: Role.HOST,
    Action.SCHEDULE: Role.HOST,
    Action.ADD_SCHEDULE: Role.HOST,
    Action.REMOVE_SCHEDULE: Role.HOST,
    Action.PAUSE_SCHEDULE: Role.HOST,
    Action.RESUME_SCHEDULE: Role.HOST,
    Action.OPEN_DAY: Role.HOST,
    Action.CLOSE_DAY: Role.HOST,
    Action.EXTEND: Role.HOST,
    Action.PEOPLE: Role.HOST,
    Action.REPORT: Role.HOST,
    Action.GRANT: Role.ADMIN,
    Action.REVOKE: Role.ADMIN,
    Action.LOCK_DOWN: Role.ADMIN,
    Action.LIFT: Role.ADMIN,
    Action.LOG: Role.ADMIN,
    Action.SIGN_IN: Role.ADMIN,
}


def may(role: Role, action: Action) -> bool:
    """Whether `role` allows `action`; what is not listed is not allowed."""
    return action in REQUIRED and role >= REQUIRED[action]
