"""On a phone every page is as wide as the window: what is wider scrolls in its own box."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Complaints
from tests.stack import Stack

pytestmark = pytest.mark.browser

WIDTHS = (360, 390, 768)
OLDER = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode())
        walker.currentNode.data = walker.currentNode.data.replace(/\\bnow\\b|\\d+ min ago/, "365 min ago");
}"""


def test_no_page_is_wider_than_a_phone(page: Page, stack: Stack, complaints: Complaints) -> None:
    sweep = stack.sweep(
        "images", n_trials=1, start=False, name="A draft with a name that is long enough to need a second line"
    )
    ids = {
        table: stack.query(f"select public_id from sweeps_{table} limit 1")[0][0]
        for table in ("model", "dataset", "searchspace")
    }
    pages = [
        "/",
        "/sweeps/",
        "/sweeps/new/",
        f"/sweeps/{sweep}/",
        f"/sweeps/{sweep}/edit/",
        f"/sweeps/{sweep}/review/",
        "/library/models/",
        "/library/models/new/",
        f"/library/models/{ids['model']}/",
        "/library/datasets/",
        "/library/datasets/new/",
        "/library/datasets/new/hub/",
        f"/library/datasets/{ids['dataset']}/",
        "/library/spaces/",
        "/library/spaces/new/?preset=from-scratch",
        f"/library/spaces/{ids['searchspace']}/",
        "/runners/",
    ]
    wide = []
    for address in pages:
        page.goto(address)
        # What was made now will be older, in more words.
        page.evaluate(OLDER)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                wide.append((address, width, over))
    assert wide == []
    assert complaints == []


def test_a_draft_is_deleted_after_a_question(page: Page, stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=1, start=False, name="To be deleted")
    page.goto(f"/sweeps/{sweep}/review/")
    page.get_by_role("button", name="Delete the draft").click()
    page.get_by_role("button", name="Keep it").click()
    assert stack.query("select state from sweeps_sweep where public_id = ?", sweep) == [("draft",)]
    page.get_by_role("button", name="Delete the draft").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete the draft").click()
    page.wait_for_url("**/sweeps/")
    assert stack.query("select state from sweeps_sweep where public_id = ?", sweep) == []
