"""What a visitor is told, in four languages. Every sentence can be overridden in a door's `sentences` table."""

from collections.abc import Mapping

# Voices that Twilio documents for each language (twilio.com/docs/voice/twiml/say/text-speech).
LANGUAGES: Mapping[str, str] = {
    "en-US": "Polly.Joanna",
    "en-GB": "Polly.Amy",
    "de-DE": "Polly.Vicki",
    "fr-FR": "Polly.Lea",
    "es-ES": "Polly.Lucia",
    "es-US": "Polly.Lupe",
}

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "welcome": {
        "en": "Welcome. Please push the door.",
        "de": "Willkommen. Bitte drücken Sie die Tür auf.",
        "fr": "Bienvenue. Vous pouvez pousser la porte.",
        "es": "Bienvenido. Empuje la puerta, por favor.",
    },
    "calling": {
        "en": "One moment please, I am calling somebody for you.",
        "de": "Einen Moment bitte, ich rufe jemanden für Sie an.",
        "fr": "Un instant, je vous prie, j'appelle quelqu'un.",
        "es": "Un momento, por favor, estoy llamando a alguien.",
    },
    "asking": {
        "en": "One moment please, I am asking somebody.",
        "de": "Einen Moment bitte, ich frage jemanden.",
        "fr": "Un instant, je demande à quelqu'un.",
        "es": "Un momento, estoy preguntando a alguien.",
    },
    "waiting": {
        "en": "One moment, please.",
        "de": "Einen Moment bitte.",
        "fr": "Un instant, s'il vous plaît.",
        "es": "Un momento, por favor.",
    },
    "code": {
        "en": "If you have a code, please key it in.",
        "de": "Wenn Sie einen Code haben, bitte eintippen.",
        "fr": "Si vous avez un code, tapez-le maintenant.",
        "es": "Si tiene un código, márquelo ahora.",
    },
    "wrong_code": {
        "en": "That code is not valid.",
        "de": "Dieser Code gilt nicht.",
        "fr": "Ce code n'est pas valable.",
        "es": "Ese código no es válido.",
    },
    "turned_away": {
        "en": "I am sorry, nobody can let you in at the moment. Goodbye.",
        "de": "Es tut mir leid, im Moment kann Sie niemand hereinlassen. Auf Wiedersehen.",
        "fr": "Je suis désolé, personne ne peut vous ouvrir pour le moment. Au revoir.",
        "es": "Lo siento, en este momento nadie puede abrirle. Adiós.",
    },
    "whisper": {
        "en": "{door}. Press 1 to talk, 9 to let them in.",
        "de": "{door}. Drücken Sie 1 zum Sprechen, 9 zum Öffnen.",
        "fr": "{door}. Tapez 1 pour parler, 9 pour ouvrir.",
        "es": "{door}. Pulse 1 para hablar, 9 para abrir.",
    },
    "whisper_talk": {
        "en": "{door}. Press 1 to talk.",
        "de": "{door}. Drücken Sie 1 zum Sprechen.",
        "fr": "{door}. Tapez 1 pour parler.",
        "es": "{door}. Pulse 1 para hablar.",
    },
    "whisper_lockdown": {
        "en": "{door}. Lockdown: do not open. Press 1 to talk.",
        "de": "{door}. Sperre: nicht öffnen. Drücken Sie 1 zum Sprechen.",
        "fr": "{door}. Verrouillage: n'ouvrez pas. Tapez 1 pour parler.",
        "es": "{door}. Bloqueo: no abra. Pulse 1 para hablar.",
    },
    "nobody": {
        "en": "I am sorry, nobody can come right now. Please try again later.",
        "de": "Leider kommt gerade niemand. Bitte versuchen Sie es später noch einmal.",
        "fr": "Je suis désolé, personne ne peut répondre. Veuillez réessayer plus tard.",
        "es": "Lo siento, ahora nadie puede contestar. Inténtelo más tarde, por favor.",
    },
    "closed": {
        "en": "I am sorry, we are closed at the moment. Please come back during working hours.",
        "de": "Es tut mir leid, wir haben gerade geschlossen. Bitte kommen Sie während der Geschäftszeiten wieder.",
        "fr": "Je suis désolé, nous sommes fermés pour le moment. Revenez pendant les heures d'ouverture.",
        "es": "Lo siento, en este momento estamos cerrados. Vuelva en horario de trabajo, por favor.",
    },
}


def say(key: str, language: str) -> str:
    """The sentence `key` in a language such as "de-DE"."""
    return SENTENCES[key][language.partition("-")[0]]
