"""Whether PUBLIC_URL leads here, unchanged: asks it from outside in, with a signature like Twilio's."""

import ipaddress
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator

import config
from app.cli.doctor.asking import Answer, NotAsked, ask
from app.cli.doctor.findings import Finding, fine, look, wrong

CHECK = "/voice/check"
REFUSED = (
    "Either this is another server, with another TWILIO_AUTH_TOKEN, TWILIO_ACCOUNT_SID or PUBLIC_URL than here; or a"
    " proxy changes the path or the body on the way (if PUBLIC_URL has a path, it must strip that and nothing else), or"
    " asks for a password. Restart the server after changing its environment."
)


def findings(settings: config.Settings) -> list[Finding]:
    """The address itself, then what answers there."""
    return [*_address(settings.public_url), _check(settings)]


def _address(url: str) -> list[Finding]:
    parts = urlsplit(url)
    if is_here(url):
        return [
            look(f"{url} is this machine only", "Fine for a try. Twilio and Slack need an address on the internet.")
        ]
    if parts.scheme != "https":
        return [wrong(f"{url} is not https: Slack refuses it, and anybody in between can listen", "Use https.")]
    return []


def _check(settings: config.Settings) -> Finding:
    url, form = settings.public_url + CHECK, {"AccountSid": settings.twilio_account_sid}
    signature = RequestValidator(settings.twilio_auth_tokens[0]).compute_signature(url, form)
    try:
        answer = ask("POST", url, form, {"X-Twilio-Signature": signature})
    except NotAsked as error:
        return wrong(f"PUBLIC_URL can't be reached: {error}", error.todo)
    return judge(settings.public_url, answer)


def judge(url: str, answer: Answer) -> Finding:
    """What an answer to the check comes to."""
    status = answer.status
    if status == 200 and b"<Response" in answer.body and "xml" in answer.headers.get("content-type", ""):
        return fine(f"{url} leads to this server, and its signatures verify")
    if 300 <= status < 400:
        return wrong(
            f"{url} redirects ({status}) to {_place(answer.headers.get('location', ''))}:"
            " a redirected request does not verify",
            "Set PUBLIC_URL to the address that answers by itself, here and in Slack and Twilio.",
        )
    if status in (401, 403):
        return wrong(f"{url} refuses the signature ({status})", REFUSED)
    if status == 404:
        return wrong(f"{url} has no {CHECK} (404)", _who_else(url))
    if status >= 500:
        return wrong(
            f"{url} answers with a fault ({status})",
            "If a proxy says so: does DoorBot run, at the port that the proxy asks? Otherwise DoorBot's log says why.",
        )
    return wrong(
        f"{url} answers, but not as DoorBot ({status})",
        "Another server has this address: check PUBLIC_URL and the proxy.",
    )


def _who_else(url: str) -> str:
    """Whether a server without the path is an older DoorBot or something else."""
    try:
        lives = ask("GET", f"{url}/healthz")
        is_ours = (lives.status, lives.body) == (200, b"ok\n")
    except NotAsked:
        is_ours = False
    if is_ours:
        return "This is DoorBot, of an older release: deploy this one there."
    return "Another server has this address, or the proxy changes the path: check PUBLIC_URL and the proxy."


def _place(address: str) -> str:
    """An address that was told, as far as it can be shown."""
    try:
        to = urlsplit(address)
    except ValueError:
        return "somewhere"
    return f"{to.scheme}://{to.netloc.rpartition('@')[2]}{to.path}"


def is_here(url: str) -> bool:
    """Whether an address is this machine only."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
