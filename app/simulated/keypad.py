"""The finger on the keypad: which keys are pressed at the prompts, and when."""

from dataclasses import dataclass

KEY_SECONDS = 0.3  # a guess: how fast a finger finds a key


@dataclass
class Keypad:
    """Keys are pressed at prompts only. The first is, unless a second is named, when a prompt has been heard out."""

    digits: str = ""
    every: float = KEY_SECONDS  # between one key and the next
    next_at: float | None = None  # second of the call; a prompt that is heard then is interrupted

    @property
    def due(self) -> float | None:
        """When the next key is pressed; None: none is left, or nobody knows yet."""
        return self.next_at if self.digits else None

    def prompted(self, now: float) -> None:
        """A prompt begins: what could not be pressed before comes as soon as a finger can."""
        if self.next_at is not None and self.next_at < now:
            self.next_at = round(now + KEY_SECONDS, 3)

    def heard(self, now: float) -> None:
        """The prompt is over."""
        if self.next_at is None:
            self.next_at = round(now + KEY_SECONDS, 3)

    def press(self, now: float) -> str:
        key, self.digits = self.digits[0], self.digits[1:]
        self.next_at = round(now + self.every, 3)
        return key
