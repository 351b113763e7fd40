"""A pretended Twilio REST API on loopback: an account with one number, whose addresses can be set."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

LARGEST_BODY = 100_000
FALLBACK = "https://handler.twilio.com/twiml/EH00000000000000000000000000000000"
PARAMETERS = {  # as they are written, and as they are read
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
}


class TwilioApi:
    """Answers what `doctor` asks of Twilio; calls can't be moved here, and ask by themselves instead."""

    def __init__(self, number: str, public_url: str) -> None:
        self._number = {
            "sid": "PN" + "0" * 32,
            "phone_number": number,
            "capabilities": {"voice": True},
            "voice_url": f"{public_url}/voice/ring",
            "voice_method": "POST",
            "voice_fallback_url": FALLBACK,
            "status_callback": f"{public_url}/voice/status",
            "status_callback_method": "POST",
        }
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        Thread(target=self._server.serve_forever, name="twilio-api", daemon=True).start()

    def _answer(self, address: str, form: dict[str, list[str]]) -> tuple[int, dict[str, object]]:
        """Status and JSON, by the path after the account's."""
        _, _, rest = urlsplit(address).path.partition("/2010-04-01/Accounts/AC")
        account, _, resource = rest.partition("/")
        if account.endswith(".json"):
            return 200, {"sid": f"AC{account.removesuffix('.json')}", "status": "active", "type": "Full"}
        if resource == "IncomingPhoneNumbers.json":
            wanted = parse_qs(urlsplit(address).query).get("PhoneNumber", [""])[0]
            return 200, {"incoming_phone_numbers": [self._number] if wanted == self._number["phone_number"] else []}
        if resource == f"IncomingPhoneNumbers/{self._number['sid']}.json":
            self._number |= {name: form[each][0] for each, name in PARAMETERS.items() if each in form}
            return 200, dict(self._number)
        return 404, {"code": 20404, "message": "The pretended Twilio has no such thing", "status": 404}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = min(int(self.headers.get("Content-Length") or 0), LARGEST_BODY)
                status, reply = api._answer(self.path, parse_qs(self.rfile.read(size).decode()))
                body = json.dumps(reply).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST  # noqa: N815 - the name that the library calls

            def log_message(self, *_: object) -> None:
                """The demo tells the story itself."""

        return Handler
