"""A finished sweep of many trials behind a real server, and a browser for it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import FLAGS
from tests.stack import Stack


@contextmanager
def many_trials(count: int) -> Iterator[tuple[Browser, Stack, str]]:
    """(browser, server without a runner, the sweep's id)."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with tempfile.TemporaryDirectory(prefix="hpweb-bench-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        stack = Stack(Path(folder) / "stack")
        try:
            stack.prepare()
            sweep = stack.run("bench.large", str(count))["sweep"]
            stack.start_server()
            yield browser, stack, sweep
        finally:
            stack.stop()
            browser.close()
