"""The table of trials in the browser: filter, order, columns, selection, stars, keys; and it lives while a sweep runs."""

import pytest
from playwright.sync_api import Page, expect

from tests.stack import Stack

pytestmark = pytest.mark.browser


def test_a_table_is_filtered_sorted_marked_and_moved_through_by_keys(page: Page, stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=3, arguments={"num_train_epochs": 1.0})
    page.goto(f"/sweeps/{sweep}/")
    page.evaluate("window.notReloaded = true")
    rows = page.locator("#trials-rows tr")
    # New rows come by themselves, the newest first.
    expect(rows).to_have_count(3, timeout=60_000)
    stack.wait_finished(sweep)
    expect(page.locator("#trials-rows tr[data-state=complete]")).to_have_count(3)
    assert [row.get_attribute("id") for row in rows.all()] == ["trial-2", "trial-1", "trial-0"]

    page.locator('th[data-column="number"] a').click()
    expect(rows.first).to_have_id("trial-0")
    expect(page.locator('th[data-column="number"]')).to_have_attribute("aria-sort", "ascending")
    assert page.url.endswith("?sort=number")

    for key in ("j", "x", "s", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(page.locator("#trials-chosen")).to_contain_text("2 chosen")
    expect(page.locator("#trial-0 .row-star")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Tag", exact=True).fill("good")
    page.get_by_role("button", name="Add tag to the chosen trials").click()
    expect(page.get_by_label("Tag", exact=True)).to_have_value("")

    page.locator("#trials-title").click()
    page.keyboard.press("/")
    page.keyboard.type("tag = good and sta")
    expect(page.get_by_role("option", name="state")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("= complete and number > 0")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows.first).to_have_id("trial-1")
    page.locator("#trials-q").fill("numbr = 1")
    page.keyboard.press("Enter")
    expect(page.locator("#trials-problem")).to_contain_text("There is no column `numbr`. Did you mean `number`?")
    page.get_by_role("link", name="Show all").click()
    expect(rows).to_have_count(3)
    page.go_back()
    expect(page.locator("#trials-problem mark")).to_have_text("numbr")
    page.go_back()
    expect(rows).to_have_count(1)
    page.locator("#trials-title").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys of the table")).to_be_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("window.notReloaded") is True

    page.locator("#columns-menu summary").click()
    page.locator("#columns-list").get_by_label("Tags", exact=True).check()
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("#trial-1 .tag")).to_have_text("good")
    # The page is a new one: its row stands there before its keys do.
    page.wait_for_load_state()
    page.keyboard.press("j")
    expect(page.locator("#trial-1 a[data-cell=number]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{stack.address}/sweeps/{sweep}/trials/1/")
    page.locator("#note-field").fill("**odd**")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator(".note-text strong")).to_have_text("odd")
