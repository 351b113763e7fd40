"""Runs the server: what the Procfile's `web:` line starts."""

import argparse
import contextlib

from granian import Granian
from granian.constants import Interfaces

import app
import config
from app.domain.errors import StoreUnavailable


def serve(_: argparse.Namespace, settings: config.Settings) -> int:
    """Serve until told to stop. The configuration has been checked; the store need not be there."""
    with contextlib.suppress(StoreUnavailable):
        app.create_store(settings).ping()  # creates the embedded store before several processes would at once
    Granian(
        "app:create_server",
        address="0.0.0.0",  # noqa: S104 - the platform's router or a proxy stands in front
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.processes,
        blocking_threads=4,
        factory=True,
        log_access=False,
    ).serve()
    return 0
