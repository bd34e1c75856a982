"""The section "Analysis" in the browser: every chart draws under the real policy, and they are linked."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.stack import Stack

pytestmark = pytest.mark.browser


@pytest.fixture
def sweep(stack: Stack) -> str:
    """A finished sweep of 40 trials."""
    found: str = stack.run("bench.large", "40")["sweep"]
    return found


def open_tab(page: Page, name: str) -> None:
    page.locator(f"#tab-{name}").click()
    expect(page.locator(f"#analysis-{name} .analysis-body")).to_be_visible()
    expect(page.locator(f"#analysis-{name}").get_by_role("img").first).to_be_visible()


def test_a_brush_chooses_trials_in_every_chart_and_the_choice_is_saved(page: Page, sweep: str, tmp_path: Path) -> None:
    page.goto(f"/sweeps/{sweep}/")
    page.locator("#analysis").scroll_into_view_if_needed()
    stage = page.locator(".parallel-stage")
    names = stage.locator(".parallel-name")
    expect(names).to_have_count(9)
    first, second = names.nth(0).inner_text(), names.nth(1).inner_text()
    names.nth(1).press("ArrowLeft")
    assert (names.nth(0).inner_text(), names.nth(1).inner_text()) == (second, first)
    expect(names.nth(0)).to_be_focused()
    box = stage.bounding_box()
    assert box is not None
    # Along the first axis, from its middle to its upper end.
    x, middle = box["x"] + 46, box["y"] + 54 + 157
    page.mouse.move(x, middle)
    page.mouse.down()
    page.mouse.move(x, box["y"] + 40, steps=4)
    page.mouse.up()
    # The choice is told when the brush rests.
    page.wait_for_timeout(400)
    note = page.locator("[data-analysis-note]")
    expect(note).to_have_text(re.compile(r"^\d+ of 40 trials chosen$"))
    chosen = int(note.inner_text().split()[0])
    assert 0 < chosen < 40
    for name in ("slice", "contour", "rank", "distribution", "timeline"):
        open_tab(page, name)
    page.locator("#tab-importances").click()
    expect(page.locator("#analysis-importances .analysis-said").first).not_to_be_empty()
    open_tab(page, "slice")
    panel = page.locator("#analysis-slice")
    panel.get_by_label("Save this chart").click()
    with page.expect_download() as download:
        panel.get_by_role("button", name="CSV data").click()
    file = tmp_path / "slice.csv"
    download.value.save_as(file)
    with file.open() as lines:
        rows = list(csv.reader(lines))
    assert len(rows) == chosen + 1
    assert rows[0][:2] == ["trial", "state"]
    for kind, head in (("SVG drawing", b"<svg"), ("PNG image", b"\x89PNG")):
        panel.get_by_label("Save this chart").click()
        with page.expect_download() as download:
            panel.get_by_role("button", name=kind).click()
        download.value.save_as(file)
        assert file.read_bytes().startswith(head)
    page.get_by_role("button", name="Show all").click()
    expect(note).to_have_text("")


@pytest.mark.full
def test_importances_come_by_themselves_and_say_what_they_rest_on(page: Page, sweep: str) -> None:
    page.goto(f"/sweeps/{sweep}/")
    page.locator("#analysis").scroll_into_view_if_needed()
    page.locator("#tab-parallel").press("ArrowRight")
    expect(page.locator("#tab-importances")).to_have_attribute("aria-selected", "true")
    said = page.locator("#analysis-importances .analysis-said").first
    expect(said).to_have_text("The server computes the importances; they appear here by themselves.")
    expect(said).to_have_text(re.compile(r"^PED-ANOVA on all \d\d complete trials\.$"), timeout=90_000)
    expect(page.get_by_role("img", name="Importance of each parameter")).to_be_visible()
