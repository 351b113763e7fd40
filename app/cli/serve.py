"""Runs the server: what the Procfile's `web:` line starts."""

import argparse
import contextlib
import ctypes
import gc
import logging
import signal
import socket
import sys
import threading
from multiprocessing.util import Finalize
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.http import HTTP1Settings
from granian.log import LogLevels

import app
import config
from app.domain.errors import DoorBotError, StoreUnavailable

ADDRESS = "0.0.0.0"  # noqa: S104 - the platform's router or a proxy stands in front
THREADS = 32  # in each process: so many requests may wait for a dead store, a slow Slack or a stalled client at once
LINGER_SECONDS = 1.0  # a router that is told of the end at the same time sends calls for a moment still
SWITCH_SECONDS = 0.001  # a ring that waits for the interpreter gets it five times sooner than usual from an export
STOP_SECONDS = 10  # a request that is still being sent then is given up
IDLE_MILLISECONDS = 95_000  # longer than proxies keep a connection, so that they are the ones to end it
PR_SET_PDEATHSIG = 1  # man 2 prctl

# The settings under which `make bench` measured; benchmarks/ uses them too.
GRANIAN: dict[str, Any] = {
    "interface": Interfaces.WSGI,
    "blocking_threads": THREADS,
    "runtime_mode": RuntimeModes.st,
    "runtime_threads": 1,
    "http": HTTPModes.http1,
    "http1_settings": HTTP1Settings(header_read_timeout=IDLE_MILLISECONDS),
    "websockets": False,
    "log_access": False,
}


def serve(_: argparse.Namespace, settings: config.Settings) -> int:
    """Serve until told to stop. The configuration has been checked; the store need not be there."""
    _claim(settings.port)
    with contextlib.suppress(StoreUnavailable):
        app.create_store(settings).ping()  # makes the embedded store before several processes would at once
    # So many threads are meant: they start when they are needed, and a ring must not wait behind a stalled request.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    server = Granian(
        "app",
        address=ADDRESS,
        port=settings.port,
        workers=settings.processes,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels(settings.log_level.lower()),
        **GRANIAN,
    )
    server.on_startup(_linger)
    server.serve(target_loader=load_application, wrap_loader=False)
    return 0


def _linger() -> None:
    """Have SIGTERM stop the server a moment later: whoever is connected by then is answered. A second one stops it."""
    stop: Any = signal.getsignal(signal.SIGTERM)

    def soon(number: int, frame: Any) -> None:
        signal.signal(signal.SIGTERM, stop)
        timer = threading.Timer(LINGER_SECONDS, stop, (number, frame))
        timer.daemon = True
        timer.start()

    signal.signal(signal.SIGTERM, soon)


def load_application(*_: object) -> Any:
    """Called in each worker process."""
    for number in (signal.SIGTERM, signal.SIGINT):  # a forked worker has its parent's handlers until its own are set
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":  # a worker whose parent was killed must not live on, least of all within a commit
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    sys.setswitchinterval(SWITCH_SECONDS)
    application = app.create_server()
    Finalize(None, application.extensions["doorbot"].finish, exitpriority=1)  # a worker process runs no atexit
    gc.collect()
    gc.freeze()  # what was loaded stays: looking through it again and again would cost every few requests a pause
    return application


def _claim(port: int) -> None:
    """Two servers would share a port without a word (SO_REUSEPORT), each answering with its own settings."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise DoorBotError(f"Port {port} can't be used: {error.strerror}. Set PORT to another one.") from None
