"""What `make demo` tells: the office manager's day, scene by scene."""

from dataclasses import dataclass

HAL, ADA = "U0HOST001", "U0ADMIN01"
THE_CODE = "(the code)"  # in an argument: the code that the last answer showed


@dataclass(frozen=True)
class Scene:
    """Something happens; `press` is the button that Hal presses when he is asked meanwhile."""

    text: str
    arguments: tuple[str, ...]
    press: str = ""


STORY = (
    Scene(
        "A courier rings. The door is locked, so the people in Slack are asked; Hal lets the courier in.",
        ("ring",),
        press="Let in",
    ),
    Scene("The office manager types in Slack:", ("slash", "unlock for 1h", "--as", HAL)),
    Scene("The next courier rings, and nobody has to do anything.", ("ring",)),
    Scene("Lunch is over:", ("slash", "lock", "--as", HAL)),
    Scene(
        "Most days are alike, so nobody need type anything. A schedule releases rings by itself:",
        ("slash", "schedule add mon-sun 00:00-23:59 called deliveries", "--as", HAL),
    ),
    Scene("A courier of any other day rings.", ("ring",)),
    Scene(
        "A fire drill. One word of an admin, and nothing releases the door; every host hears of it.",
        ("slash", "lockdown fire drill", "--as", ADA),
    ),
    Scene("Whoever rings now still reaches a human.", ("ring", "--telephones", "answer")),
    Scene("The drill is over:", ("slash", "lift", "--as", ADA)),
    Scene(
        "The schedule is removed again, and people are asked as before.", ("slash", "schedule remove 1", "--as", HAL)
    ),
    Scene(
        "A parcel is to come later. Its courier gets an access code, which is shown once:",
        ("slash", "code issue Parcel for 1h", "--as", HAL),
    ),
    Scene("The courier keys it in.", ("ring", "--digits", THE_CODE)),
    Scene(
        "Somebody rings, and nobody answers in Slack. Whoever picks up the telephone presses 9.",
        ("ring", "--telephones", "admit"),
    ),
    Scene("And the admin asks who came, and why the door was released:", ("log",)),
)
