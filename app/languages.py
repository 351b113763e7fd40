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
    "nobody": {
        "en": "I am sorry, nobody can come to the phone right now. Please try again later.",
        "de": "Es tut mir leid, im Moment kommt niemand ans Telefon. Bitte versuchen Sie es später noch einmal.",
        "fr": "Je suis désolé, personne ne peut répondre pour le moment. Veuillez réessayer plus tard.",
        "es": "Lo siento, ahora mismo nadie puede atender el teléfono. Inténtelo más tarde, por favor.",
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
