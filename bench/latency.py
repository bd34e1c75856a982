"""From a metric in the Trainer's callback to the page's DOM: `python -m bench.latency`.

The demo's sweeps run while a page is open in Chromium. An observer on the table notes when a trial's row first shows a step; the
callback's time is the event's `t`. Both clocks are this machine's. A step that came together with a later one is seen when
the later one is.
"""

import shutil
import statistics
import time
from collections import defaultdict
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

from bench.running import job_start, quiet, running
from tests.browser.conftest import FLAGS, sign_in
from tests.stack import Stack

OBSERVER: Final = """
window.seen = [];
new MutationObserver((changes) => {
  const at = performance.timeOrigin + performance.now();
  for (const row of document.querySelectorAll("tr[id^=trial-]")) {
    const step = /step\\s+([\\d,]+)/.exec(row.querySelector("[data-live]")?.textContent ?? "");
    if (step) window.seen.push([Number(row.id.slice(6)), Number(step[1].replace(",", "")), at]);
  }
}).observe(document.body, {childList: true, subtree: true, characterData: true});
"""


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def measure(stack: Stack, browser: Browser, kind: str) -> list[float]:
    """Milliseconds for each metric of a sweep of four trials."""
    sweep = stack.sweep(kind, n_trials=4, start=False, pruner={"name": "none"})
    quiet(stack)
    page = browser.new_page(base_url=stack.address)
    sign_in(page)
    page.goto(f"/sweeps/{sweep}/")
    page.get_by_role("button", name="Start").click()
    page.wait_for_load_state()
    page.locator("#link[data-link=live]").wait_for()
    page.evaluate(OBSERVER)
    t0 = job_start(stack, sweep)
    offset = time.time() - time.monotonic()
    stack.wait_finished(sweep)
    time.sleep(1)
    seen: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for number, step, at in page.evaluate("window.seen"):
        seen[number].append((step, at / 1000))
    page.close()
    logged: list[dict[str, Any]] = [event for event in stack.events(sweep) if event["type"] == "metrics"]
    found = []
    for event in logged:
        shown = [at for step, at in seen[event["number"]] if step >= event["step"]]
        assert shown, f"step {event['step']} of trial {event['number']} was never shown"
        found.append((min(shown) - (t0 + event["t"] + offset)) * 1000)
    return found


def main() -> None:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with running() as stack, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for kind in ("text", "images"):
            found = measure(stack, browser, kind)
            print(
                f"{kind}: {len(found)} metrics, median {statistics.median(found):.0f} ms, "
                f"p95 {percentile(found, 0.95):.0f} ms, longest {max(found):.0f} ms"
            )
        browser.close()


if __name__ == "__main__":
    main()
