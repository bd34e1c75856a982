"""The log in the browser: it goes on by itself, and a point of a curve leads to its moment."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.stack import Stack

pytestmark = pytest.mark.browser


@pytest.mark.full
def test_the_log_goes_on_by_itself_and_a_point_leads_to_its_moment(stack: Stack, page: Page) -> None:
    sweep = stack.sweep("images", n_trials=3)
    page.goto(f"/sweeps/{sweep}/logs/")
    expect(page.locator("#log-follow")).to_be_visible()
    expect(page.locator("#log .log-line").first).to_be_visible(timeout=60_000)
    stack.wait_finished(sweep)
    page.goto(f"/sweeps/{sweep}/trials/0/")
    box = page.locator("#curves .chart-canvas canvas").first
    expect(box).to_be_visible()
    expect(page.locator("#curves .chart-empty")).to_be_hidden()
    page.get_by_role("link", name="that moment").first.click()
    page.wait_for_url(re.compile(r"/trials/0/logs/\?step=\d+"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Log of trial 0")
