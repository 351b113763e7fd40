"""The dialogs: each asks by clicking for what could be typed, and puts the answers into the same words. Pure.

They are opened without asking anybody anything, because Slack allows three seconds; who may do what they ask for is
decided when they are submitted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.office import ALL_DOORS
from app.slack.fields import Fields, day_names, ends, everybody
from app.slack.kit import Piece, cut, option, plain, section, select
from app.slack.blocks import escaped

LONGEST_ERROR = 300
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
