"""Public holidays, from the holidays package."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

import holidays

from app.domain.errors import InvalidInput

COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)  # ISO 3166-1
YEARS = 10  # as far ahead as a server may run without a restart


def calendar(
    country: str, subdivision: str, add: Iterable[date], remove: Iterable[date], first_year: int
) -> Mapping[date, str]:
    """Local dates on which the office is closed, with their names. InvalidInput for an unknown place."""
    days: dict[date, str] = {}
    if country:
        try:
            if not COUNTRY.fullmatch(country):  # the package would look up any name it has
                raise NotImplementedError
            years = range(first_year, first_year + YEARS)
            found = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
        except NotImplementedError:
            place = f"{country}, {subdivision}" if subdivision else country
            raise InvalidInput(
                f'no holidays are known for "{place}"; example: country = "US", subdivision = "NY"'
            ) from None
        days = {day: str(name) for day, name in found.items()}
    days |= dict.fromkeys(add, "a day off")
    for day in remove:
        days.pop(day, None)
    return MappingProxyType(days)
