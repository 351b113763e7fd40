"""What the playground can't do, said kindly."""


class Refused(Exception):
    """Something that somebody at the page asked for and that can't be; the text says what to do."""

    def __init__(self, say: str, status: int = 409) -> None:
        super().__init__(say)
        self.status = status
