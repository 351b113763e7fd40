"""Settings: the environment and `doorbot.toml`, read once at start, with every problem reported together."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app import redis_urls
from app.disks import throwaway_host, vanishing_disk
from app.domain.errors import DoorBotError
from app.domain.office import Office
from app.doorbot_toml import Problems, read_office

SMALLEST_SECRET_KEY = 16
MOST_PROCESSES = 64
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
HIGHEST_PORT = 65_535
ADDRESS = re.compile(
    r"https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>[1-9][0-9]{0,4}))?(/[A-Za-z0-9._~/-]*)?", re.ASCII
)
TOKEN = re.compile(r"[!-~]+")
ACCOUNT_SID = re.compile(r"AC[0-9A-Za-z]+", re.ASCII)
EXAMPLES = {
    "SLACK_SIGNING_SECRET": "the Signing Secret under Basic Information in the Slack app's settings",
    "SLACK_BOT_TOKEN": "the Bot User OAuth Token (xoxb-…) under OAuth & Permissions in the Slack app's settings",
    "TWILIO_ACCOUNT_SID": "the Account SID (AC…) in the Twilio console",
    "TWILIO_AUTH_TOKEN": "the primary Auth Token in the Twilio console",
    "PUBLIC_URL": "how the world reaches this server, e.g. https://door.example.com",
    "SECRET_KEY": 'a long random text, e.g. from: python3 -c "import secrets; print(secrets.token_urlsafe(48))"',
}


class ConfigError(DoorBotError):
    """Everything that is wrong with the configuration, one line a problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """All that a deployment sets. Secrets that may be rotated are tuples: the first makes, all verify."""

    slack_signing_secrets: tuple[str, ...] = field(repr=False)
    slack_bot_token: str = field(repr=False)
    twilio_account_sid: str
    twilio_auth_tokens: tuple[str, ...] = field(repr=False)
    public_url: str
    secret_keys: tuple[str, ...] = field(repr=False)
    redis_url: str = field(repr=False)
    sqlite_path: Path
    slack_api_url: str
    twilio_api_url: str
    log_level: str
    port: int
    processes: int
    office: Office


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings. Raises ConfigError with every problem there is."""
    settings, problems = read(environ)
    if problems:
        raise ConfigError(problems)
    return settings


def read(environ: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """The settings as far as they can be used, and every problem there is with them.

    What is missing is empty then, and `office` is None where its file can't be read.
    """
    problems = Problems()
    office = _office(environ.get("DOORBOT_CONFIG", "").strip() or "doorbot.toml", problems)
    required = {name: _required(environ, name, problems) for name in EXAMPLES}
    found = Settings(
        slack_signing_secrets=_tokens("SLACK_SIGNING_SECRET", required, problems),
        slack_bot_token=required["SLACK_BOT_TOKEN"] if _tokens("SLACK_BOT_TOKEN", required, problems) else "",
        twilio_account_sid=_account_sid(required["TWILIO_ACCOUNT_SID"], problems),
        twilio_auth_tokens=_tokens("TWILIO_AUTH_TOKEN", required, problems),
        public_url=_url("PUBLIC_URL", required["PUBLIC_URL"], problems),
        secret_keys=_secret_keys(required["SECRET_KEY"], problems),
        redis_url=_with_certificate(_redis_url(environ, problems), environ, problems),
        sqlite_path=_sqlite_path(environ, problems),
        slack_api_url=_url("SLACK_API_URL", environ.get("SLACK_API_URL") or "https://slack.com/api/", problems) + "/",
        twilio_api_url=_url("TWILIO_API_URL", environ.get("TWILIO_API_URL") or "https://api.twilio.com", problems),
        log_level=_log_level(environ, problems),
        port=_number(environ, "PORT", 8000, 65535, problems),
        processes=_number(environ, "WEB_CONCURRENCY", 1, MOST_PROCESSES, problems),
        office=office,  # type: ignore[arg-type]  # None only together with a problem
    )
    return found, problems.found


def _office(path: str, problems: Problems) -> Office | None:
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.add("DOORBOT_CONFIG", f"there is no file {path}; start from the example in README.md")
    except (OSError, UnicodeDecodeError) as error:
        problems.add("DOORBOT_CONFIG", f"{path} can't be read: {error}")
    except tomllib.TOMLDecodeError as error:
        problems.add(path, f"is not valid TOML: {error}")
    else:
        return read_office(table, problems)
    return None


def _required(environ: Mapping[str, str], name: str, problems: Problems) -> str:
    value = environ.get(name, "").strip()
    if not _rotated(value):
        problems.add(name, f"is missing: {EXAMPLES[name]}")
        return ""
    return value


def _rotated(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _tokens(name: str, required: Mapping[str, str], problems: Problems) -> tuple[str, ...]:
    """What Slack or Twilio gave us. A client that can't send a broken one says so with all of it in its message."""
    found = _rotated(required[name])
    if not all(TOKEN.fullmatch(each) for each in found):
        problems.add(name, f"must have no space, line break or unusual letter in it; copy it anew: {EXAMPLES[name]}")
        return ()
    return found


def _secret_keys(value: str, problems: Problems) -> tuple[str, ...]:
    keys = _rotated(value)
    if any(len(key) < SMALLEST_SECRET_KEY for key in keys):
        problems.add("SECRET_KEY", f"must have at least {SMALLEST_SECRET_KEY} characters: {EXAMPLES['SECRET_KEY']}")
    if any(not _is_text(key) for key in keys):
        problems.add("SECRET_KEY", f"must be text in UTF-8: {EXAMPLES['SECRET_KEY']}")
    return keys


def _is_text(value: str) -> bool:
    """Whether it can be encoded: bytes of the environment that are no UTF-8 come as something that can't."""
    return value == value.encode(errors="ignore").decode()


def _account_sid(value: str, problems: Problems) -> str:
    if value and not ACCOUNT_SID.fullmatch(value):
        wanted = "must be AC and then letters and digits only"
        problems.add("TWILIO_ACCOUNT_SID", f"{wanted}: {EXAMPLES['TWILIO_ACCOUNT_SID']}")
    return value


def _url(name: str, value: str, problems: Problems) -> str:
    """A base address without its last slash; "" where it is wrong."""
    address = ADDRESS.fullmatch(value)
    if value and not (address and int(address["port"] or 80) <= HIGHEST_PORT):
        problems.add(name, "must be an address such as https://door.example.com, without user, query or fragment")
    elif any(part in value for part in ("/voice/", "/slack/")):
        problems.add(name, "must be the address of the whole server, without /voice/… or /slack/…")
    else:
        return value.rstrip("/")
    return ""


def _redis_url(environ: Mapping[str, str], problems: Problems) -> str:
    value = environ.get("REDIS_URL", "").strip()
    try:
        if value:
            redis_urls.parse(value)
    except ValueError:
        problems.add("REDIS_URL", f"must be an address such as {redis_urls.EXAMPLES}")
    return value


def _with_certificate(url: str, environ: Mapping[str, str], problems: Problems) -> str:
    """The address that REDIS_CERTIFICATE asks for, where a platform sets REDIS_URL and nobody can add to it."""
    word = environ.get("REDIS_CERTIFICATE", "").strip() or "checked"
    if word not in ("checked", "unchecked"):
        problems.add("REDIS_CERTIFICATE", "must be checked or unchecked")
    if word == "unchecked" and url.startswith("rediss") and "ssl_cert_reqs=" not in url:
        return f"{url}{'&' if '?' in url else '?'}ssl_cert_reqs=none"
    return url


def _sqlite_path(environ: Mapping[str, str], problems: Problems) -> Path:
    """The embedded store's file. Whoever names one on a disk that vanishes has to know; nobody gets it unasked."""
    named = environ.get("SQLITE_PATH", "").strip()
    path = Path(named or "data/doorbot.db")
    if not (named or environ.get("REDIS_URL", "").strip()) and throwaway_host(environ):
        lost = vanishing_disk(path, environ)
        if lost:
            problems.add(
                "REDIS_URL",
                f"is missing, and the embedded store can't stand in: {lost}. Set REDIS_URL to a Redis that keeps what"
                " it is told, or mount a disk and set SQLITE_PATH to a file on it (naming one is insisting)",
            )
    return path


def _log_level(environ: Mapping[str, str], problems: Problems) -> str:
    level = environ.get("LOG_LEVEL", "").strip().upper() or "INFO"
    if level not in LOG_LEVELS:
        problems.add("LOG_LEVEL", f"must be one of {', '.join(LOG_LEVELS)}")
        return "INFO"
    return level


def _number(environ: Mapping[str, str], name: str, default: int, most: int, problems: Problems) -> int:
    text = environ.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        problems.add(name, f"must be a whole number from 1 to {most}")
        return default
    return int(text)
