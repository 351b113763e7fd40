"""Starts the real server under a clock that can be moved: a script, run before anything of the app is imported.

A clock is the only thing in which this server differs. It ends when whoever started it does.
"""

import importlib
import importlib.util
import os
import runpy
import signal
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parents[2])
CLOCK = "app.clock"


def move_clock(file: Path) -> None:
    """Put another clock in the place of the app's: ahead by as many seconds as stand in the file."""
    spec = importlib.util.spec_from_file_location(CLOCK, Path(ROOT, "app", "clock.py"))
    assert spec
    assert spec.loader
    clock: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(clock)
    real = clock.utcnow

    def utcnow() -> datetime:
        moved: datetime = real() + timedelta(seconds=float(file.read_text(encoding="ascii")))
        return moved

    clock.utcnow = utcnow
    sys.modules[CLOCK] = clock


def end_with_parent() -> None:
    """The parent holds the other end of our input: when that closes, whatever became of the parent, we stop."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGTERM)  # the second one ends the wait for those who are just connecting


if ROOT not in sys.path:
    sys.path.insert(0, ROOT)
move_clock(Path(os.environ["DOORBOT_DEMO_CLOCK"]))  # here, so that a worker that does not fork has it too

if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    importlib.import_module("app.cli.serve").ADDRESS = "127.0.0.1"  # type: ignore[attr-defined]  # nobody else's
    sys.argv[1:] = ["serve"]
    runpy.run_module("app", run_name="__main__")
