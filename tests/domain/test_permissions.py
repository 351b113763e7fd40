import pytest

from app.domain.audit import Action
from app.domain.permissions import Role, may

OF_HOSTS = (
    *(Action.UNLOCK, Action.LOCK, Action.ADMIT, Action.TURN_AWAY, Action.TONE, Action.KEEP_TONE),
    *(Action.CODES, Action.ISSUE_CODE, Action.REVOKE_CODE, Action.EXTEND, Action.PEOPLE, Action.REPORT),
    *(Action.SCHEDULE, Action.ADD_SCHEDULE, Action.REMOVE_SCHEDULE, Action.PAUSE_SCHEDULE, Action.RESUME_SCHEDULE),
    *(Action.OPEN_DAY, Action.CLOSE_DAY),
)
TABLE = {
    Action.HELP: (Role.MEMBER, Role.HOST, Role.ADMIN),
    Action.STATUS: (Role.MEMBER, Role.HOST, Role.ADMIN),
    **dict.fromkeys(
        (Action.LOG, Action.SIGN_IN, Action.LOCK_DOWN, Action.LIFT, Action.GRANT, Action.REVOKE), (Role.ADMIN,)
    ),
    **dict.fromkeys(OF_HOSTS, (Role.HOST, Role.ADMIN)),
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_a_role_may_do_what_the_table_says_and_nothing_else(role: Role, action: Action) -> None:
    assert may(role, action) is (role in TABLE.get(action, ()))


@pytest.mark.parametrize("action", Action)
def test_nobody_may_do_anything(action: Action) -> None:
    assert not may(Role.NOBODY, action)
