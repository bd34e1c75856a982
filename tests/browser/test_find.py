"""Finding by keys: "/" comes to the search, arrows choose from what it lists, and the list of sweeps is filtered."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.stack import Stack

pytestmark = pytest.mark.browser


def test_the_search_by_keys_and_the_filter_of_the_list(page: Page, stack: Stack) -> None:
    sweep = stack.run("bench.large", "13")["sweep"]
    page.goto("/runners/")
    field, found = page.locator("#find-q"), page.locator("#find-list")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    page.keyboard.type("13 trials")
    expect(found.get_by_role("option")).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(found.locator("[aria-selected=true] .find-title")).to_have_text(re.compile("13 trials"))
    page.keyboard.press("Escape")
    expect(found).to_be_hidden()
    page.keyboard.type("x")
    expect(found.get_by_role("option")).to_have_text("Nothing found for “13 trialsx”")
    page.keyboard.press("Backspace")
    expect(found.get_by_role("option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{stack.address}/sweeps/{sweep}/")

    # On a sweep's page the key filters its trials.
    page.locator("#trials-title").click()
    page.keyboard.press("/")
    expect(page.locator("#trials-q")).to_be_focused()

    # Enter alone asks for the page.
    page.locator("#find-q").fill("13 trials")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{stack.address}/search/?q=13+trials")

    page.goto("/sweeps/")
    page.locator(".filters-more summary").click()
    page.get_by_label("State", exact=True).select_option("complete")
    expect(page).to_have_url(f"{stack.address}/sweeps/?state=complete")
    page.locator(f'[data-sweep="{sweep}"] .row-choice').check()
    page.locator(".bulk summary").click()
    page.get_by_label("Tag", exact=True).fill("baseline")
    page.get_by_role("button", name="Tag the chosen").click()
    expect(page.locator(f'[data-sweep="{sweep}"] .tag')).to_have_text("baseline")
    page.get_by_role("link", name="Without the filter state complete").click()
    expect(page).to_have_url(re.compile(r"/sweeps/\??$"))
