"""The live page in Chromium, against the look server: real templates, scripts and policy, a made-up sweep."""

import json
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.look.shots import CHROMIUM, FLAGS, drive, listen, look_server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def address() -> Iterator[str]:
    with look_server() as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(8000)
    yield page
    context.close()


def snapshots(address: str) -> int:
    request = urllib.request.Request(f"{address}/film/accept", method="POST")
    answer: int = json.loads(urllib.request.urlopen(request).read())["snapshots"]
    return answer


def frames(address: str, count: int) -> None:
    for _ in range(count):
        drive(address, "step")


def test_rows_appear_and_change_in_place(page: Page, address: str) -> None:
    said = listen(page)
    page.goto(f"{address}/sweep")
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    expect(page.locator("#trials tbody tr")).to_have_count(0)
    frames(address, 2)
    expect(page.locator("#trial-0 [data-live]")).to_contain_text("step 20 · loss")
    page.evaluate("document.getElementById('trial-0').marked = true")
    frames(address, 10)
    expect(page.locator("#trial-0")).to_have_attribute("data-state", "complete")
    expect(page.locator("#trial-0 .state")).to_have_text("complete")
    assert page.evaluate("document.getElementById('trial-0').marked") is True
    expect(page.locator('[data-bind="counted"]')).to_have_text("2")
    frames(address, 24)
    expect(page.locator("#trials tbody tr")).to_have_count(6)
    expect(page.locator("#failure-4")).to_contain_text("became NaN")
    expect(page.locator("#trials tr.is-best")).to_have_count(1)
    page.locator("#failure-4 summary").click()
    expect(page.locator("#failure-4 [data-traceback]")).to_contain_text("FloatingPointError")
    assert said == []


def test_the_server_and_the_script_write_the_same(page: Page, browser: Browser, address: str) -> None:
    frames(address, 40)
    page.goto(f"{address}/sweep")
    expect(page.locator("#trial-0 [data-live]")).to_contain_text("step")
    without = browser.new_context(java_script_enabled=False)
    plain = without.new_page()
    plain.goto(f"{address}/sweep")
    assert plain.locator("#trials tbody tr").count() == 7 + 1
    for cell in ("number", "state", "value", "duration"):
        mine = [
            text.strip()
            for text in page.locator(
                f'#trials tbody tr:not([data-state="running"]) [data-cell="{cell}"]'
            ).all_inner_texts()
        ]
        theirs = [
            text.strip()
            for text in plain.locator(
                f'#trials tbody tr:not([data-state="running"]) [data-cell="{cell}"]'
            ).all_inner_texts()
        ]
        assert mine == theirs
    assert page.locator("[data-param]").all_inner_texts() == plain.locator("[data-param]").all_inner_texts()
    assert (
        page.locator('[data-bind="best_value"]').inner_text() == plain.locator('[data-bind="best_value"]').inner_text()
    )
    assert (
        page.locator('[data-bind="counts"]').inner_text().strip()
        == plain.locator('[data-bind="counts"]').inner_text().strip()
    )
    without.close()


def test_a_lost_message_is_noticed_and_mended(page: Page, address: str) -> None:
    frames(address, 3)
    page.goto(f"{address}/sweep")
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    before = snapshots(address)
    drive(address, "deaf")
    drive(address, "step")
    expect(page.locator("#trial-0 [data-live]")).to_contain_text("step 50")
    assert snapshots(address) == before + 1


def test_a_lost_connection_is_told_and_nothing_is_missed(page: Page, address: str) -> None:
    frames(address, 3)
    page.goto(f"{address}/sweep")
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    page.evaluate("window.stayed = true")
    box = page.locator("#trials").bounding_box()
    drive(address, "refuse")
    drive(address, "drop")
    expect(page.locator("#link")).to_have_attribute("data-link", "reconnecting")
    assert page.locator("#trials").bounding_box() == box
    frames(address, 20)
    drive(address, "accept")
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    expect(page.locator("#trials tbody tr")).to_have_count(4)
    assert page.evaluate("window.stayed") is True


def test_verbs_theme_and_dialogs(page: Page, address: str) -> None:
    said = listen(page)
    frames(address, 60)
    page.goto(f"{address}/sweep?theme=light")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#stop-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#stop-dialog")).to_be_hidden()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator(".app-user summary").click()
    page.locator('[data-theme-form] button[value="dark"]').click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert page.locator("[data-verb=model]").is_hidden()
    frames(address, 60)
    expect(page.locator("[data-verb=model]")).to_be_visible()
    expect(page.locator("[data-verb=stop]")).to_be_hidden()
    assert said == []


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_page_is_wider_than_the_window(browser: Browser, address: str, width: int) -> None:
    frames(address, 30)
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    for name in (
        "home",
        "home-empty",
        "list",
        "list-empty",
        "sweep",
        "failed",
        "runners",
        "runners-empty",
        "form-errors",
        "login",
        "404",
    ):
        page.goto(f"{address}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    context.close()
