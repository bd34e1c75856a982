"""The live page: nothing missed when the connection or the server goes, a table without JavaScript, and doors that are shut."""

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.browser.conftest import Complaints, sign_in
from tests.stack import Stack

pytestmark = pytest.mark.browser

TRIALS = 4


def check_page_tells_all(page: Page, stack: Stack, sweep: str) -> None:
    """The page ends with what the server knows, without a reload."""
    snapshot = stack.wait_finished(sweep)
    expect(page.locator("[data-bind=state]")).to_have_attribute("data-state", "complete", timeout=20_000)
    expect(page.locator("tr[id^=trial-]")).to_have_count(TRIALS)
    for trial in snapshot["trials"]:
        row = page.locator(f"tr#trial-{trial['number']}")
        expect(row).to_have_attribute("data-state", trial["state"])
        shown = row.locator("[data-cell=value]").inner_text()
        assert float(shown) == pytest.approx(trial["value"], rel=1e-3)
        rate = row.locator("[data-param=learning_rate]").inner_text()
        assert float(rate) == pytest.approx(trial["params"]["learning_rate"], rel=1e-2)
    best = page.locator("tr.is-best")
    expect(best).to_have_attribute("id", f"trial-{snapshot['sweep']['best']['number']}")
    assert page.evaluate("window.notReloaded") is True


def open_running(page: Page, stack: Stack) -> str:
    sweep = stack.sweep("images", n_trials=TRIALS)
    page.goto(f"/sweeps/{sweep}/")
    page.evaluate("window.notReloaded = true")
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    expect(page.locator("tr#trial-0[data-state=running] [data-live]")).to_contain_text("loss", timeout=30_000)
    return sweep


@pytest.mark.full
def test_a_lost_connection_is_told_and_nothing_is_missed(page: Page, stack: Stack, complaints: Complaints) -> None:
    sweep = open_running(page, stack)
    page.context.set_offline(True)
    expect(page.locator("#link")).not_to_have_attribute("data-link", "live")
    stack.wait_trials(sweep, finished=2)
    page.context.set_offline(False)
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    check_page_tells_all(page, stack, sweep)
    assert all("ERR_INTERNET_DISCONNECTED" in complaint or "WebSocket" in complaint for complaint in complaints)
    complaints.clear()


def test_a_restarted_server_finds_its_pages_again(page: Page, stack: Stack, complaints: Complaints) -> None:
    sweep = open_running(page, stack)
    stack.kill_server()
    expect(page.locator("#link")).not_to_have_attribute("data-link", "live")
    stack.start_server()
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    check_page_tells_all(page, stack, sweep)
    assert all("WebSocket" in complaint or "ERR_CONNECTION" in complaint for complaint in complaints)
    complaints.clear()


def test_without_javascript_the_table_is_there(browser: Browser, stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=2, arguments={"num_train_epochs": 1.0})
    snapshot = stack.wait_finished(sweep)
    context = browser.new_context(base_url=stack.address, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.goto(f"/sweeps/{sweep}/")
    expect(page.locator("tr[id^=trial-]")).to_have_count(2)
    for trial in snapshot["trials"]:
        shown = page.locator(f"tr#trial-{trial['number']} [data-cell=value]").inner_text()
        assert float(shown) == pytest.approx(trial["value"], rel=1e-3)
    expect(page.get_by_role("link", name="Get best model")).to_be_visible()
    context.close()


@pytest.mark.full
def test_stop_says_what_it_does_and_does_it(page: Page, stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=50)
    page.goto(f"/sweeps/{sweep}/")
    expect(page.locator("tr#trial-1")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    dialog = page.locator("#stop-dialog")
    expect(dialog).to_contain_text("No new trial starts")
    dialog.get_by_role("button", name="Stop the sweep").click()
    expect(page.locator("[data-bind=state]")).to_have_attribute("data-state", "complete", timeout=40_000)
    assert stack.snapshot(sweep)["sweep"]["counted"] < 50


def test_every_door_needs_a_login(context: BrowserContext, stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=1, start=False)
    page = context.new_page()
    for path in ("/", "/sweeps/", f"/sweeps/{sweep}/", "/library/models/", "/library/datasets/", "/runners/"):
        page.goto(path)
        assert page.url.startswith(f"{stack.address}/login/"), path
    for path in ("/api/v1/sweeps/", f"/api/v1/sweeps/{sweep}/snapshot/", "/api/runner/v1/hello"):
        assert httpx.get(f"{stack.address}{path}").status_code in {302, 401, 403, 405}, path
    url = f"ws://127.0.0.1:{stack.port}/ws/sweeps/{sweep}/"
    with (
        connect(url, additional_headers={"Origin": stack.address}) as socket,
        pytest.raises(ConnectionClosed) as closed,
    ):
        socket.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
