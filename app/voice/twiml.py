"""Turns decisions into TwiML. The only module that can release a door."""

from functools import lru_cache

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from app.domain.doors import Door
from app.domain.tones import ToneProfile
from app.languages import LANGUAGES, say
from app.voice.tones import tone_path

LONGEST_TALK_SECONDS = 9 * 60  # shorter than the time after which a visit counts as lost
SHORTEST_DIAL_SECONDS = 5
FALLBACK_SECONDS = 40  # how long the telephones ring when this server is gone
PRESS_SECONDS = 3  # for a person at a telephone to press a key; a voicemail does not


@lru_cache(maxsize=512)
def released(door: Door, profile: ToneProfile, public_url: str) -> str:
    """The tone first: nothing is said before it. Then the greeting, silence for the panel to act in, and hang-up."""
    response = VoiceResponse()
    if profile.length_ms:
        response.play(public_url + tone_path(door, profile))
    else:
        response.play(digits=door.release_digits(profile))
    _say(response, door, door.greeting or _sentence(door, "welcome"))
    response.pause(length=profile.trailing_silence)
    response.hangup()
    return str(response)


@lru_cache(maxsize=512)
def held(door: Door, public_url: str, sentence: str, wanted: int, seconds: int) -> str:
    """Say one sentence, wait for keys, and ask us how to go on: with `wanted` digits, or after `seconds` without one.

    Keys that are pressed while it is said count, and end it (twilio.com/docs/voice/twiml/gather).
    """
    response = VoiceResponse()
    gather = Gather(
        input="dtmf",
        num_digits=wanted,
        timeout=seconds,
        finish_on_key="",
        action=f"{public_url}/voice/held/{door.id}",
        method="POST",
        action_on_empty_result=True,
    )
    _say(gather, door, _sentence(door, sentence))
    response.append(gather)
    return str(response)


@lru_cache(maxsize=512)
def forwarded(door: Door, public_url: str, telephones: tuple[str, ...], seconds: int, *, again: bool = False) -> str:
    """Tell the visitor, ring these telephones together for so many seconds, then ask us how it went.

    Whoever picks up hears a whisper before being connected (twilio.com/docs/voice/twiml/number).
    """
    response = VoiceResponse()
    if not again:
        _say(response, door, _sentence(door, "calling"))
    dial = Dial(
        timeout=max(SHORTEST_DIAL_SECONDS, seconds),
        time_limit=LONGEST_TALK_SECONDS,
        caller_id=door.number,
        answer_on_bridge=True,
        action=f"{public_url}/voice/forwarded/{door.id}",
        method="POST",
    )
    for telephone in telephones:
        dial.number(telephone, url=f"{public_url}/voice/whisper/{door.id}", method="POST")
    response.append(dial)
    return str(response)


@lru_cache(maxsize=512)
def whisper(door: Door, public_url: str, sentence: str) -> str:
    """What a telephone hears that was picked up; without a key it is hung up."""
    response = VoiceResponse()
    gather = Gather(
        input="dtmf",
        num_digits=1,
        timeout=PRESS_SECONDS,
        finish_on_key="",
        action=f"{public_url}/voice/accepted/{door.id}",
        method="POST",
        action_on_empty_result=True,
    )
    _say(gather, door, _sentence(door, sentence).replace("{door}", door.name))
    response.append(gather)
    return str(response)


@lru_cache(maxsize=512)
def told(door: Door, sentence: str) -> str:
    """Say one of the sentences and hang up."""
    response = VoiceResponse()
    _say(response, door, _sentence(door, sentence))
    response.hangup()
    return str(response)


def fallback(door: Door) -> str:
    """For a TwiML Bin, for the day this server is gone: no address of ours, and never a tone."""
    response = VoiceResponse()
    _say(response, door, _sentence(door, "calling"))
    dial = Dial(timeout=FALLBACK_SECONDS, time_limit=LONGEST_TALK_SECONDS, caller_id=door.number)
    for telephone in door.forward_to:
        dial.number(telephone)
    response.append(dial)
    _say(response, door, _sentence(door, "nobody"))
    response.hangup()
    return str(response)


def _plain(verb: str) -> str:
    response = VoiceResponse()
    getattr(response, verb)()
    return str(response)


HANG_UP = _plain("hangup")
REJECT = _plain("reject")  # the call is not answered, and costs nothing (twilio.com/docs/voice/twiml/reject)
NOTHING = str(VoiceResponse())


def _sentence(door: Door, key: str) -> str:
    return door.sentences.get(key) or say(key, door.language)


def _say(parent: VoiceResponse | Gather, door: Door, text: str) -> None:
    parent.say(text, voice=LANGUAGES[door.language], language=door.language)
