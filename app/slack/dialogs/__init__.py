"""The dialogs by their names: one module for each noun, the same as its verbs."""

from collections.abc import Mapping

from app.slack.dialogs import access_codes, lockdowns, people, schedules
from app.slack.modals import Modal

DIALOGS: Mapping[str, Modal] = {
    **schedules.DIALOGS,
    **access_codes.DIALOGS,
    **lockdowns.DIALOGS,
    **people.DIALOGS,
}
