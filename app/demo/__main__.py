"""`make demo`: starts the playground on loopback, opens its page, and stays until it is stopped."""

import os
import signal
import sys
import time
import webbrowser

from app.demo.office import FOLDER, PEOPLE
from app.demo.playground import Playground
from app.demo.server import LOG, ServerLost

LOOK_SECONDS = 0.5


def main() -> int:
    """Run until Ctrl-C, SIGTERM or SIGHUP, or until the server is lost; returns the exit status."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    print("DoorBot's playground: the real server, with a pretended Slack workspace and a pretended intercom.")
    print("Nothing leaves this machine. Starting …", flush=True)
    playground = Playground()
    try:
        playground.start()
        _invite(playground.url)
        while True:
            time.sleep(LOOK_SECONDS)
            playground.server.check()
    except ServerLost as lost:
        print(lost, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nThe playground is closed.")
        return 0
    finally:
        playground.server.stop()


def _invite(url: str) -> None:
    python = os.path.relpath(sys.executable)
    people = ", ".join(f"{each.id} ({each.name}, {each.role})" for each in PEOPLE.values())
    print("\nOpen the address below in a browser. Other terminals, in this folder, can take part:")
    print(f"   . {FOLDER}/env")
    print(f"   {python} -m app ring")
    print(f'   {python} -m app slash "unlock until 14:00" --as U0HOST001')
    print(f"   {python} -m app doctor")
    print(f"   {python} -m app slash log --as U0ADMIN01   (and open the link)")
    print(f"   People: {people}. The server's log is {LOG}; Ctrl-C closes the playground.\n")
    _open(url)
    print(f"Demo is up at {url}", flush=True)


def _open(url: str) -> None:
    """In a browser, where there is a screen; a browser within this terminal would be in the way."""
    has_screen = sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    try:
        browser = webbrowser.get() if has_screen else None
        if browser and type(browser) is not webbrowser.GenericBrowser:  # lynx, w3m and their like
            browser.open(url)
    except webbrowser.Error:
        pass


if __name__ == "__main__":
    sys.exit(main())
