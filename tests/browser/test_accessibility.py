"""axe-core on every kind of page, in light and dark: no violations."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import sign_in
from tests.stack import Stack

pytestmark = pytest.mark.browser

VENDOR: Final = Path(__file__).parent / "vendor"
TABS: Final = ("parallel", "importances", "slice", "contour", "rank", "distribution", "timeline")
QUICK: Final = ("/sweeps/", "/sweeps/{sweep}/", "/sweeps/{sweep}/trials/1/")
PAGES: Final = (
    *("/", "/sweeps/new/", "/sweeps/{sweep}/logs/", "/sweeps/{sweep}/python/", "/sweeps/{sweep}/change/"),
    *("/sweeps/{sweep}/confirm/", "/sweeps/{sweep}/trials/1/logs/", "/sweeps/{sweep}/trials/add/"),
    *("/compare/", "/compare/?trials={sweep}:0-3", "/compare/sweeps/?sweeps={sweep}", "/compare/saved/"),
    *("/library/models/", "/library/models/new/", "/library/spaces/", "/library/spaces/new/"),
    *("/library/datasets/", "/library/datasets/new/", "/library/datasets/new/hub/", "/library/storage/"),
    *("/runners/", "/teams/", "/teams/profile/", "/teams/tokens/", "/teams/connections/", "/sweeps/nowhere/"),
)


def violations(page: Page) -> list[str]:
    """What axe finds: the rule, its meaning, and the first places."""
    # Through the debugger, so that the page's content security policy need not be weakened for it.
    page.evaluate((VENDOR / "axe.min.js").read_text())
    found: dict[str, Any] = page.evaluate("axe.run(document)")
    return [
        f"{one['id']}: {one['help']}: {[' '.join(map(str, node['target'])) for node in one['nodes'][:4]]}"
        for one in found["violations"]
    ]


def look(page: Page, path: str) -> list[str]:
    page.goto(path)
    # Charts and what else comes by itself.
    page.wait_for_load_state("networkidle")
    return [f"{path}: {words}" for words in violations(page)]


def test_what_looks_at_the_pages_is_what_was_fetched() -> None:
    record = json.loads((VENDOR / "VENDOR.json").read_text())
    assert {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name in record["sha256"]} == record[
        "sha256"
    ]
    assert record["licence"] == "MPL-2.0"


def test_the_pages_that_people_look_at_all_day_have_no_violations(page: Page, stack: Stack) -> None:
    sweep = stack.run("bench.large", "12")["sweep"]
    assert [words for path in QUICK for words in look(page, path.format(sweep=sweep))] == []


@pytest.mark.full
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_violations(browser: Browser, stack: Stack, theme: str) -> None:
    sweep = stack.run("bench.large", "12")["sweep"]
    context = browser.new_context(
        base_url=stack.address,
        viewport={"width": 1440, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto("/login/")
    found = [f"login: {words}" for words in violations(page)]
    sign_in(page)
    for path in (*QUICK, *PAGES):
        found += look(page, path.format(sweep=sweep))
    page.goto(f"/sweeps/{sweep}/")
    for tab in TABS:
        page.locator(f"#tab-{tab}").click()
        page.wait_for_load_state("networkidle")
        found += [f"{tab}: {words}" for words in violations(page)]
    # On a phone some things are folded away, others scroll.
    page.set_viewport_size({"width": 390, "height": 844})
    for path in QUICK:
        found += [f"390 px: {words}" for words in look(page, path.format(sweep=sweep))]
    context.close()
    assert found == []
