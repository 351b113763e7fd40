"""Those who read the log while it rings, in a process of their own: `python -m benchmarks.readers live|export …`.

`live URL COOKIE PAGES`: so many pages that look for new entries as the page's script does. `export URL COOKIE`: exports
one after the other, and never reads faster than they come. Both go on until they are ended.
"""

import re
import sys
import threading
import time
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

POLL_SECONDS = 3.0
A_READ = 65536
CURSOR = re.compile(rb'data-cursor="([^"]+)"')
ANSWERS = (HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTTPStatus.CONFLICT)


def get(url: str, cookie: str) -> tuple[HTTPConnection, HTTPResponse]:
    """The answer to a GET as a browser of ours would send it."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    connection.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
    return connection, connection.getresponse()


def live(url: str, cookie: str, pages: str) -> None:
    """Poll from so many threads, spread over the seconds between two polls."""
    count = int(pages)
    for number in range(count):
        threading.Thread(target=_poll, args=(url, cookie, number / count * POLL_SECONDS), daemon=True).start()
    threading.Event().wait()


def _poll(url: str, cookie: str, begins_after: float) -> None:
    time.sleep(begins_after)
    cursor = ""
    while True:
        if not cursor:  # a page is opened, or opened anew because too much happened since
            connection, answer = get(f"{url}/log", cookie)
            found = CURSOR.search(answer.read())
            cursor = found[1].decode() if found else ""
        else:
            connection, answer = get(f"{url}/log/new?after={cursor}", cookie)
            answer.read()
            cursor = "" if answer.status == HTTPStatus.CONFLICT else answer.headers.get("Log-Cursor", cursor)
        connection.close()
        assert answer.status in ANSWERS, answer.status
        time.sleep(POLL_SECONDS)


def export(url: str, cookie: str) -> None:
    """Export again and again."""
    while True:
        connection, answer = get(url, cookie)
        assert answer.status == 200, answer.status
        while answer.read(A_READ):
            pass
        connection.close()


if __name__ == "__main__":
    {"live": live, "export": export}[sys.argv[1]](*sys.argv[2:])
