"""Pages that say one thing: what went wrong, and what to do now."""

from http import HTTPStatus

from flask import Request, Response, render_template
from werkzeug.exceptions import HTTPException

DATA = (".csv", ".json")
HOW_TO_SIGN_IN = "Type /frontdoor log in Slack, and open the link in the answer."
TITLES = {
    400: "That was not understood",
    401: "You aren't signed in",
    403: "That isn't allowed",
    404: "There is no such page",
    405: "That can't be done here",
    410: "This link is over",
    411: "That was not understood",
    413: "That was too much",
    500: "Something went wrong",
    503: "Please try again in a minute",
}


class Said(HTTPException):
    """Ends a request with a page that says so."""

    def __init__(self, status: int, *sentences: str, title: str = "") -> None:
        super().__init__()
        self.code = self.status = status
        self.title = title
        self.sentences = sentences


def page(request: Request, status: int, *sentences: str, title: str = "") -> Response:
    """A page with these sentences; plain text where a script or a program asks."""
    title = title or TITLES.get(status, HTTPStatus(status).phrase)
    if not wants_page(request):
        return Response("\n".join((f"{title}.", *sentences, "")), status, content_type="text/plain; charset=utf-8")
    return Response(render_template("message.html", title=title, sentences=sentences), status)


def wants_page(request: Request) -> bool:
    """Whether a person looks at the answer itself (www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header)."""
    is_fetched, accepted = request.headers.get("Sec-Fetch-Dest") == "empty", request.accept_mimetypes
    return not is_fetched and not request.path.endswith(DATA) and (accepted.accept_html or not accepted)
