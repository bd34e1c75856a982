"""A trial's page by keys and with its charts, and whole sweeps side by side, in the browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.full]


def test_keys_lead_through_the_trials_and_a_name_draws_its_metric_large(page: Page, stack: Stack) -> None:
    sweep = stack.run("bench.large", "12")["sweep"]
    page.goto(f"/sweeps/{sweep}/trials/3/")
    expect(page.locator("#metrics .metric canvas").first).to_be_visible()
    names = page.locator("#metrics button.metric-name")
    expect(page.locator("#curves-metric optgroup")).not_to_have_count(0)
    wanted = names.last.inner_text()
    names.last.click()
    expect(page.locator("#curves-metric")).to_have_value(wanted)
    page.locator("#params-title").click()
    for key, number in (("j", 4), ("ArrowLeft", 3), ("k", 2)):
        page.keyboard.press(key)
        expect(page).to_have_url(f"{stack.address}/sweeps/{sweep}/trials/{number}/")
        # A new page's keys are there with its charts.
        expect(page.locator("#metrics .metric canvas").first).to_be_visible()
    # What is typed stays where it is typed.
    page.locator("#note-field").fill("")
    page.locator("#note-field").press("j")
    expect(page.locator("#note-field")).to_have_value("j")
    expect(page).to_have_url(re.compile("/trials/2/$"))


def test_sweeps_chosen_in_the_list_are_drawn_over_trials_and_hours(page: Page, stack: Stack) -> None:
    one, two = (stack.run("bench.large", "12")["sweep"] for _ in range(2))
    page.goto("/sweeps/")
    for sweep in (one, two):
        page.locator(f"input[name=ids][value='{sweep}']").check()
    page.get_by_role("button", name="Compare sweeps").click()
    expect(page).to_have_url(re.compile(r"/compare/sweeps/\?sweeps=\w+,\w+$"))
    expect(page.locator("#growth canvas")).to_be_visible()
    expect(page.locator("#growth-legend li")).to_have_count(2)
    hours = page.locator("#growth-axis button[value=hours]")
    hours.click()
    expect(hours).to_have_attribute("aria-pressed", "true")
    expect(page.locator("svg.spread")).to_have_count(2)
