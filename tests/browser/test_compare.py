"""Trials side by side in the browser: from the table, by keys, with charts, the basket, without a script."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.stack import Stack

pytestmark = pytest.mark.browser


def test_chosen_trials_are_compared_by_keys_and_charts(page: Page, stack: Stack) -> None:
    sweep = stack.run("bench.large", "12")["sweep"]
    page.goto(f"/sweeps/{sweep}/")
    for number in (11, 9, 8):
        page.get_by_label(f"Choose trial {number}", exact=True).check()
    page.get_by_role("button", name="Compare the chosen trials").click()
    expect(page).to_have_url(f"{stack.address}/compare/?trials={sweep}:8,{sweep}:9,{sweep}:11")
    expect(page.locator(".compare-trial")).to_have_text(["Trial 8", "Trial 9", "Trial 11"])

    # Charts come by themselves; what is hidden has no width to draw in.
    charts = page.locator("#compare-charts")
    expect(charts).to_be_visible()
    expect(page.locator("#compare-legend li")).to_have_text(["Trial 8 (base)", "Trial 9", "Trial 11"])
    expect(page.locator("#compare-curves canvas")).to_be_visible()
    expect(page.locator("#compare-parallel .parallel-name")).to_have_count(9)
    expect(page.locator("#compare-scatter canvas")).to_be_visible()
    # Another metric is fetched when it is chosen; these trials' own list has only the objective.
    with page.expect_response(re.compile("metric=loss")):
        page.evaluate(
            """() => { const select = document.querySelector('#compare-drawing [name=metric]');
            select.append(new Option('loss')); select.value = 'loss';
            for (const kind of ['input', 'change']) select.dispatchEvent(new Event(kind, {bubbles: true})); }"""
        )
    assert page.url.endswith(f"{sweep}:11&metric=loss")

    page.locator("#compare-title").click()
    page.keyboard.press("n")
    expect(page.locator("#d1")).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("#d2")).to_be_focused()
    page.keyboard.press("p")
    expect(page.locator("#d1")).to_be_focused()
    rows = page.locator("#compare tbody tr:not(.compare-group)").count()
    page.get_by_role("link", name="Hide identical rows").click()
    expect(page.locator("#compare tbody tr:not(.compare-group, .is-different)")).to_have_count(0)
    assert page.locator("#compare tr.is-different").count() < rows
    page.get_by_role("link", name="Make base: trial 11").click()
    expect(page.locator(".compare-trial").first).to_have_text("Trial 11")
    assert page.url.endswith("&hide=1")

    page.get_by_role("button", name="To the basket").click()
    expect(page.locator(".nav-count")).to_have_text("3")
    page.goto(f"/sweeps/{sweep}/trials/8/")
    page.get_by_role("button", name="In the basket").click()
    expect(page.locator(".nav-count")).to_have_text("2")
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(".compare-trial")).to_have_text(["Trial 11", "Trial 9"])


@pytest.mark.full
def test_without_a_script_all_but_the_charts_is_there(browser: Browser, stack: Stack) -> None:
    sweep = stack.run("bench.large", "12")["sweep"]
    context = browser.new_context(
        base_url=stack.address, java_script_enabled=False, viewport={"width": 390, "height": 800}
    )
    page = context.new_page()
    sign_in(page)
    page.goto(f"/sweeps/{sweep}/")
    page.get_by_label("Choose trial 11", exact=True).check()
    page.get_by_label("Choose trial 9", exact=True).check()
    page.get_by_role("button", name="Compare the chosen trials").click()
    expect(page.locator(".compare-trial")).to_have_text(["Trial 9", "Trial 11"])
    expect(page.locator("#compare-charts")).to_be_hidden()
    page.get_by_role("link", name="Next difference").first.click()
    assert page.url.endswith("#d1")
    page.locator("#d1").get_by_role("link", name="Next difference").click()
    assert page.url.endswith("#d2")
    context.close()
