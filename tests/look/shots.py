"""Screenshots of every page: light and dark, wide and narrow.

    python -m tests.look.shots FOLDER [PAGE …]

Starts the look server on a free port and Debian's Chromium; prints whatever the browser complained about.
"""

import contextlib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PAGES = [
    "home",
    "home-empty",
    "list",
    "list-empty",
    "sweep",
    "draft",
    "queued",
    "stopping",
    "failed",
    "runners",
    "runner",
    "runners-empty",
    "form",
    "form-errors",
    "login",
    "404",
    "500",
]
SWEEPS = {"sweep", "draft", "queued", "stopping", "failed"}
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextlib.contextmanager
def look_server() -> Iterator[str]:
    """The look server on a free port; yields its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-m", "tests.look.server", str(port)])
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/login").read()
                break
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def drive(address: str, what: str) -> None:
    urllib.request.urlopen(urllib.request.Request(f"{address}/film/{what}", method="POST")).read()


def listen(page: Page) -> list[str]:
    """What the page complains about from now on: errors, refused content, failed requests."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url}"))
    return said


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    names = sys.argv[2:] or PAGES
    with look_server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for _ in range(45):
            drive(address, "step")
        for theme in ("light", "dark"):
            for width in (1440, 390):
                context = browser.new_context(viewport={"width": width, "height": 900 if width > 400 else 800})
                page = context.new_page()
                said = listen(page)
                for name in names:
                    page.goto(f"{address}/{name}?theme={theme}")
                    page.wait_for_timeout(700 if name in SWEEPS else 100)
                    page.screenshot(path=folder / f"{name}-{theme}-{width}.png", full_page=True)
                    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    if overflow > 0:
                        print(f"{name} {theme} {width}: {overflow} px wider than the window")
                    print(*[f"{name} {theme} {width}: {line}" for line in said], sep="\n", end="\n" if said else "")
                    said.clear()
                context.close()
        browser.close()


if __name__ == "__main__":
    main()
