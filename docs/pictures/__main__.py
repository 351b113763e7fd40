"""`make pictures`."""

from playwright.sync_api import sync_playwright

from docs.pictures import architecture, screens
from tests.browser import chromium

if __name__ == "__main__":
    architecture.FILE.write_text(architecture.draw(), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        for file in (architecture.FILE, *screens.take(browser, architecture.FOLDER)):
            print(file.name, f"{file.stat().st_size // 1024 or 1} kB")
