"""What may be shown to a person."""


class DoorBotError(Exception):
    """Anything the asker can act on. Its text may be shown as it is; everything else is a bug."""


class InvalidInput(DoorBotError):
    """Input that was not understood. The text says what, and gives an example of right input."""


class WhichDoor(InvalidInput):
    """A command for one door that names none of them; `named` is what it says instead, "" where it says nothing."""

    def __init__(self, text: str, named: str = "") -> None:
        super().__init__(text)
        self.named = named


class StoreUnavailable(DoorBotError):
    """The store did not answer, or not in time; nothing is known to have changed."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "DoorBot's memory can't be reached right now, so nothing was changed. Please try again in a minute."
        )
        self.detail = detail
