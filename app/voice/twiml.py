"""Turns decisions into TwiML. The only module that can release a door."""

from functools import lru_cache

from twilio.twiml.voice_response import Dial, VoiceResponse

from app.domain.doors import Door
from app.domain.tones import ToneProfile
from app.languages import LANGUAGES, say
from app.voice.tones import tone_path

SPEAKING_SECONDS = 5  # the longest of our sentences
TWILIO_SLACK_SECONDS = 5  # Twilio may let a telephone ring so much longer than asked
LONGEST_TALK_SECONDS = 9 * 60  # shorter than the time after which a visit counts as lost
SHORTEST_DIAL_SECONDS = 5


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
def forwarded(door: Door, public_url: str) -> str:
    """Tell the visitor, ring the door's telephones together, then ask us how it went."""
    response = VoiceResponse()
    _say(response, door, _sentence(door, "calling"))
    dial = Dial(
        timeout=_dial_seconds(door),
        time_limit=LONGEST_TALK_SECONDS,
        caller_id=door.number,
        answer_on_bridge=True,
        action=f"{public_url}/voice/forwarded/{door.id}",
        method="POST",
    )
    for telephone in door.forward_to:
        dial.number(
            telephone,
            status_callback=f"{public_url}/voice/answered/{door.id}",
            status_callback_event="answered",
            status_callback_method="POST",
        )
    response.append(dial)
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
    dial = Dial(timeout=_dial_seconds(door), time_limit=LONGEST_TALK_SECONDS, caller_id=door.number)
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


def _dial_seconds(door: Door) -> int:
    """How long the telephones ring, so that all of it ends before the intercom loses patience."""
    rest = int(door.patience.total_seconds()) - 2 * SPEAKING_SECONDS - TWILIO_SLACK_SECONDS
    return max(SHORTEST_DIAL_SECONDS, rest)


def _sentence(door: Door, key: str) -> str:
    return door.sentences.get(key) or say(key, door.language)


def _say(response: VoiceResponse, door: Door, text: str) -> None:
    response.say(text, voice=LANGUAGES[door.language], language=door.language)
