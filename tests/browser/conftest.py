"""Chromium, and a page that remembers every complaint."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.stack import LOGIN, Stack

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a module: Playwright's event loop must not outlive the tests that expect it."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser, stack: Stack) -> Iterator[BrowserContext]:
    """A new visitor of the running program."""
    made = browser.new_context(base_url=stack.address, viewport={"width": 1440, "height": 900})
    made.set_default_timeout(15_000)
    yield made
    made.close()


class Complaints(list[str]):
    """What a page's console said that it should not have: errors, and what the content security policy refused."""

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.append(f"uncaught: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.append(f"{message.type}: {message.text} ({message.location['url']})")


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def page(context: BrowserContext, complaints: Complaints) -> Iterator[Page]:
    """A signed-in member's page. The test fails when the page has complained and the test did not take note."""
    page = context.new_page()
    complaints.watch(page)
    sign_in(page)
    yield page
    assert complaints == []


def sign_in(page: Page) -> None:
    page.goto("/login/")
    page.get_by_label("Email address").fill(LOGIN["login"])
    page.get_by_label("Password").fill(LOGIN["password"])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login/" not in url)
