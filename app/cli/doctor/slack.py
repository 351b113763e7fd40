"""What Slack says of our token, and of the channels and user groups that the office names."""

import json
import re
from functools import partial
from pathlib import Path

import app
import config
from app.cli.doctor.asking import SECONDS_OF_MANY, Answer, NotAsked, ask, together
from app.cli.doctor.findings import Finding, fine, look, wrong
from app.domain.office import Office, People

MANIFEST = Path(app.__file__).with_name("slack") / "manifest.json"
FOR_DOCTOR = frozenset({"channels:read", "groups:read"})  # nothing else needs them
REINSTALL = "Under OAuth & Permissions add the scopes (or paste the manifest again), then Reinstall to Workspace."
TOKENS = {
    "invalid_auth": "Slack does not know the token",
    "not_authed": "Slack was given no token",
    "account_inactive": "the token's bot was deactivated",
    "token_revoked": "the token was revoked",
    "token_expired": "the token has expired: token rotation must be off in the app's settings",
}
NEW_TOKEN = "Copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions into SLACK_BOT_TOKEN, and restart."  # noqa: S105 - no secret


def findings(settings: config.Settings) -> list[Finding]:
    """The token first; the rest only where it is good."""
    try:
        answer = _call(settings, "auth.test")
    except NotAsked as error:
        return [wrong(f"Slack can't be reached: {error}", error.todo)]
    refused = refusal(answer)
    if refused:
        return [_token_refused(refused)]
    found = [*_installed(answer, settings.office), scopes(answer.headers.get("x-oauth-scopes")), _command(settings)]
    asked = [partial(_channel, settings, each) for each in _channels(settings.office)]
    asked += [partial(_group, settings, each) for each in _groups(settings.office)]
    late = look("Slack took too long", "Run doctor again.")
    return found + _untold(settings.office) + [each or late for each in together(asked, SECONDS_OF_MANY)]


def _call(settings: config.Settings, method: str, **arguments: str) -> Answer:
    headers = {"Authorization": f"Bearer {settings.slack_bot_token}"}
    return ask("POST", settings.slack_api_url + method, arguments, headers)


def refusal(answer: Answer) -> str:
    """Slack's word for why not; "" for yes."""
    if answer.status == 429:
        return "ratelimited"
    if answer.fields.get("ok") is True:
        return ""
    word = str(answer.fields.get("error", f"status_{answer.status}"))
    return word if re.fullmatch(r"[a-z_0-9]{1,60}", word) else "something_unreadable"


def _token_refused(word: str) -> Finding:
    if word in TOKENS:
        return wrong(f"SLACK_BOT_TOKEN is refused: {TOKENS[word]} ({word})", NEW_TOKEN)
    return wrong(f"Slack can't be asked about the token: {word}", "Run doctor again in a minute; see status.slack.com.")


def _installed(answer: Answer, office: Office | None) -> list[Finding]:
    team, organisation = str(answer.fields.get("team_id", "")), str(answer.fields.get("enterprise_id") or "")
    found = []
    if office is None:
        found.append(fine(f"The token is good, for the workspace {team}"))
    elif office.people.workspace in (team, organisation):
        found.append(fine(f"The token is good, for the workspace {office.people.workspace}"))
    else:
        found.append(
            wrong(
                f"The token is of the workspace {team}, and doorbot.toml says {office.people.workspace}",
                f'Set workspace = "{team}" under [people], or install the app in the workspace that is meant.',
            )
        )
    if not answer.fields.get("bot_id"):
        found.append(wrong("The token is not a bot's", NEW_TOKEN))
    return found


def scopes(header: str | None) -> Finding:
    """What the token may do, by Slack's header, against what the manifest asks for."""
    wanted = frozenset(json.loads(MANIFEST.read_text(encoding="utf-8"))["oauth_config"]["scopes"]["bot"])
    if header is None:
        return look("Slack did not say which scopes the token has", "Compare OAuth & Permissions with the manifest.")
    missing = wanted - {each.strip() for each in header.split(",")}
    if missing - FOR_DOCTOR:
        return wrong(f"Scopes are missing: {', '.join(sorted(missing))}", REINSTALL)
    if missing:
        return look(
            f"Scopes are missing without which doctor can't see channels: {', '.join(sorted(missing))}", REINSTALL
        )
    return fine(f"It has all scopes: {', '.join(sorted(wanted))}")


def _command(settings: config.Settings) -> Finding:
    return look(
        "Slack can't be asked where /frontdoor, buttons and events go, nor about the signing secret",
        f"Type /frontdoor in Slack. No answer: under Slash Commands, Interactivity and Event Subscriptions the address"
        f" must be {settings.public_url}/slack/events, and SLACK_SIGNING_SECRET the one under Basic Information.",
    )


def _channels(office: Office | None) -> list[str]:
    doors = office.doors.values() if office else ()
    named = [*(door.channel for door in doors), office.seals if office else ""]
    return [*dict.fromkeys(each for each in named if each)]


def _untold(office: Office | None) -> list[Finding]:
    doors = office.doors.values() if office else ()
    return [
        look(
            f"doors.{door.id} has no channel: nobody is told, and nobody is asked",
            "Set channel to a channel's id (C…).",
        )
        for door in doors
        if not door.channel
    ]


def _groups(office: Office | None) -> list[str]:
    if office is None:
        return []
    people = [office.people, *(People("", door.admins, door.hosts) for door in office.doors.values())]
    return sorted({each for some in people for each in some.admins | some.hosts if each.startswith("S")})


def _channel(settings: config.Settings, channel: str) -> Finding:
    try:
        answer = _call(settings, "conversations.info", channel=channel)
    except NotAsked as error:
        return wrong(f"Channel {channel}: {error}", error.todo)
    refused = refusal(answer)
    told = answer.fields.get("channel")
    if not refused and isinstance(told, dict):
        name = f"#{told.get('name', '')} ({channel})"
        if told.get("is_archived"):
            return wrong(
                f"{name} is archived: nobody reads there", "Unarchive it, or name another one in doorbot.toml."
            )
        if told.get("is_member"):
            return fine(f"DoorBot is in {name}")
        return wrong(f"DoorBot is not in {name}, and can't write there", "Type there: /invite @DoorBot")
    if refused == "channel_not_found":
        return wrong(
            f"Channel {channel} is not there, or is private and DoorBot is not in it",
            "Type in it: /invite @DoorBot. Or correct its id in doorbot.toml: Slack shows it under About, at the end.",
        )
    if refused == "missing_scope":
        return look(
            f"Channel {channel} can't be looked at (missing_scope)", "Type in it: /invite @DoorBot. " + REINSTALL
        )
    return wrong(f"Channel {channel} can't be looked at: {refused or 'no answer'}", "Run doctor again in a minute.")


def _group(settings: config.Settings, group: str) -> Finding:
    try:
        answer = _call(settings, "usergroups.users.list", usergroup=group)
    except NotAsked as error:
        return wrong(f"User group {group}: {error}", error.todo)
    refused = refusal(answer)
    if not refused:
        users = answer.fields.get("users")
        count = len(users) if isinstance(users, list) else 0
        if count:
            return fine(f"User group {group} can be read: {count} people")
        return look(f"User group {group} is empty: nobody has its rights", "Put people into it in Slack.")
    if refused in ("no_such_subteam", "subteam_not_found"):
        return wrong(f"There is no user group {group}", "Correct the id in doorbot.toml, or enable the group in Slack.")
    if refused == "missing_scope":
        return wrong(f"User group {group} can't be read (missing_scope): nobody has its rights", REINSTALL)
    return wrong(f"User group {group} can't be read: {refused}", "Run doctor again in a minute.")
