"""Offices with as many doors as are wanted."""

from tests.support import ALWAYS_OPEN_TOML

DOOR = """
[doors.d{n:03}]
name = "Door {n:03}"
number = "+12125550{number}"
intercoms = ["+12125550{caller}"]
release = "9"
forward_to = ["+12125550123"]
channel = "C0DOOR{n:03}"
"""
NUMBERS = 50  # each belongs to several doors, which differ by who calls


def many_doors(number: int, office: str = ALWAYS_OPEN_TOML) -> str:
    """The same office with doors `d000`, `d001` ... ("Door 000" ...) instead of its own."""
    head = office[: office.index("[doors.front]")]
    doors = [DOOR.format(n=n, number=100 + n % NUMBERS, caller=100 + NUMBERS + n // NUMBERS) for n in range(number)]
    return head + "".join(doors)
