"""`make screenshots`: docs/screenshots anew, from a running demo: each page light and dark. Looked at before they are committed.

`make screenshots ARGS="home sweeps"`: only those pages.
A file has at most 150 kB: WebP, of as good a quality as fits.
"""

import io
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.browser.conftest import FLAGS, sign_in  # noqa: E402
from tests.stack import Stack  # noqa: E402

FOLDER: Final = ROOT / "docs" / "screenshots"
THEMES: Final = ("light", "dark")
MOST_BYTES: Final = 150_000
QUALITIES: Final = (90, 82, 74, 66, 58, 50)
TRIALS: Final = 6
LIMIT_S: Final = 1200
"""A busy machine trains the demo's small model slowly."""
DRAWN_MS: Final = 1500
"""The charts draw themselves in a moment, and what is analysed comes from the server."""


def visit(browser: Browser, stack: Stack, theme: str, width: int = 1440) -> Page:
    """A signed-in page in that theme."""
    page = browser.new_page(
        base_url=stack.address,
        viewport={"width": width, "height": 1080 if width > 500 else 844},
        color_scheme="dark" if theme == "dark" else "light",
    )
    sign_in(page)
    return page


def small(png: bytes) -> bytes:
    """The picture as WebP, within `MOST_BYTES`. ValueError where no quality is low enough."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in QUALITIES:
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise ValueError(f"{picture.size} is more than {MOST_BYTES} bytes even at quality {QUALITIES[-1]}: show less.")


def shoot(page: Page, name: str) -> None:
    # A pointer may hover over something.
    page.mouse.move(0, 0)
    page.wait_for_timeout(DRAWN_MS)
    data = small(page.screenshot())
    (FOLDER / f"{name}.webp").write_bytes(data)
    print(f"docs/screenshots/{name}.webp  {len(data) / 1000:.0f} kB", flush=True)


def at(address: str, part: str = "") -> Callable[[Page], None]:
    """Go there, and have that part of the page at the top."""

    def go(page: Page) -> None:
        page.goto(address)
        if part:
            page.locator(part).evaluate("element => element.scrollIntoView()")

    return go


def prepared(stack: Stack) -> tuple[str, str]:
    """Sweeps: one that is well under way, and one of many trials that was written past the program. Another one waits."""
    many = stack.run("bench.large", "600")["sweep"]
    running = stack.sweep("text", n_trials=16, name="Which language is this?")
    stack.sweep("images", n_trials=12, name="Handwritten digits, wider")
    stack.wait_trials(running, finished=TRIALS, seconds=LIMIT_S)
    print(f"{TRIALS} trials have ended.", flush=True)
    return running, many


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with tempfile.TemporaryDirectory(prefix="hpweb-screenshots-") as folder, sync_playwright() as playwright:
        stack = Stack(Path(folder) / "stack")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            stack.prepare()
            stack.start()
            running, many = prepared(stack)
            compared = ",".join(f"{many}:{number}" for number in (3, 8, 12, 40, 77))
            pages = {
                "sweep": at(f"/sweeps/{running}/"),
                "home": at("/"),
                "sweeps": at("/sweeps/"),
                "table": at(f"/sweeps/{many}/?sort=value", "#trials-card"),
                "analysis": at(f"/sweeps/{many}/", "#analysis"),
                "compare": at(f"/compare/?trials={compared}"),
                "trial": at(f"/sweeps/{running}/trials/1/"),
                "runners": at("/runners/"),
                "search": at("/search/?q=digits"),
                "space-form": at("/library/spaces/new/?preset=from-scratch"),
            }
            if sys.argv[1:]:
                pages = {name: pages[name] for name in sys.argv[1:]}
            wide = {theme: visit(browser, stack, theme) for theme in THEMES}
            for name, go in pages.items():
                for theme, page in wide.items():
                    go(page)
                    shoot(page, f"{name}-{theme}")
            for theme in THEMES:
                page = visit(browser, stack, theme, width=390)
                for name in {"sweep", "sweeps"} & set(pages):
                    pages[name](page)
                    shoot(page, f"{name}-narrow-{theme}")
        finally:
            browser.close()
            stack.stop()


if __name__ == "__main__":
    main()
