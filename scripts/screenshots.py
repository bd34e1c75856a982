"""`make screenshots`: docs/screenshots anew, from the running demo. Looked at before they are committed."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.browser.conftest import FLAGS, sign_in  # noqa: E402
from tests.stack import Stack  # noqa: E402

FOLDER: Final = ROOT / "docs" / "screenshots"


def visit(browser: Browser, stack: Stack, theme: str, width: int = 1440) -> Page:
    """A signed-in page in that theme."""
    page = browser.new_page(
        base_url=stack.address,
        viewport={"width": width, "height": 1080},
        color_scheme="dark" if theme == "dark" else "light",
    )
    sign_in(page)
    return page


def shoot(page: Page, name: str, *, whole: bool = False) -> None:
    # The charts draw themselves in a moment, and a pointer may hover over something.
    page.mouse.move(0, 0)
    page.wait_for_timeout(1200)
    page.screenshot(path=FOLDER / f"{name}.png", full_page=whole)
    print(f"docs/screenshots/{name}.png", flush=True)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with tempfile.TemporaryDirectory(prefix="hpweb-screenshots-") as folder, sync_playwright() as playwright:
        stack = Stack(Path(folder) / "stack")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            stack.prepare()
            stack.start()
            stack.wait_finished(stack.sweep("images", n_trials=8, name="Handwritten digits, first look"))
            sweep = stack.sweep("text", n_trials=16, name="Which language is this?")
            light, dark = visit(browser, stack, "light"), visit(browser, stack, "dark")
            for page in (light, dark):
                page.goto(f"/sweeps/{sweep}/")
            narrow = visit(browser, stack, "light", width=390)
            narrow.goto(f"/sweeps/{sweep}/")
            stack.wait_trials(sweep, finished=9, seconds=200)
            shoot(light, "sweep-light")
            shoot(dark, "sweep-dark")
            shoot(narrow, "sweep-narrow")
            light.goto("/sweeps/")
            shoot(light, "sweeps")
            light.goto("/library/spaces/new/?preset=from-scratch")
            shoot(light, "space-form", whole=True)
            light.goto("/runners/")
            shoot(light, "runners")
        finally:
            browser.close()
            stack.stop()


if __name__ == "__main__":
    main()
