"""Where the browser is that the tests drive: `python -m tests.browser.chromium` prints it, or fails."""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "There is no Chromium here: `make browser` installs one, or CHROMIUM says where one is."


def find() -> str | None:
    """What CHROMIUM names, the system's own, or what `playwright install chromium` fetched."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    return next(filter(None, map(shutil.which, NAMES)), None) or _fetched()


def _fetched() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else None


if __name__ == "__main__":
    sys.exit(print(found)) if (found := find()) else sys.exit(MISSING)
