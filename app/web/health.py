"""Whether the process lives, and whether its store answers."""

from flask import Blueprint, Response

from app.domain.errors import StoreUnavailable
from app.ports import Store


def blueprint(store: Store) -> Blueprint:
    """`/healthz` asks nothing else, so that a platform does not stop a server that can still call a human."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def healthz() -> Response:
        return _text("ok", 200)

    @health.get("/readyz")
    def readyz() -> Response:
        try:
            store.ping()
        except StoreUnavailable:
            return _text("the store does not answer", 503)
        return _text("ok", 200)

    return health


def _text(text: str, status: int) -> Response:
    return Response(text + "\n", status, content_type="text/plain; charset=utf-8")
