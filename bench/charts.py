"""Parallel coordinates of a finished sweep of many trials: `python -m bench.charts [--trials 10000]`.

A real server and its collected files. Measured in the page: from navigation and from the first call of the chart to all
lines painted; then frames while a brush is dragged up and down an axis, by the times between animation frames.
"""

import argparse
import statistics
from typing import Any, Final

from playwright.sync_api import Browser, Page

from bench.many import many_trials
from tests.browser.conftest import sign_in
from tests.stack import Stack

TIMES: Final = 5
BRUSH_STEPS: Final = 240
COMPLETE: Final = "() => performance.getEntriesByName('parallel-complete').at(-1)?.toJSON() ?? null"
COUNT_FRAMES: Final = """() => {
  window.frames_ = [];
  let before = performance.now();
  const frame = (now) => { window.frames_.push(now - before); before = now; window.counting = requestAnimationFrame(frame); };
  window.counting = requestAnimationFrame(frame);
}"""
STOP: Final = "() => { cancelAnimationFrame(window.counting); return window.frames_.slice(1); }"
"""The first difference is to the start of the counting."""


def complete(page: Page, after: float = -1.0) -> dict[str, Any]:
    """When all lines were painted: `startTime` and `duration`, in ms since the navigation."""
    for _ in range(600):
        found: dict[str, Any] | None = page.evaluate(COMPLETE)
        if found is not None and found["startTime"] > after:
            return found
        page.wait_for_timeout(50)
    raise AssertionError("the lines were not completed within 30 s")


def brush(page: Page) -> list[float]:
    """Drag a brush up and down the first axis; the ms of each frame."""
    stage = page.locator(".parallel-stage").bounding_box()
    assert stage is not None
    x, bottom, top = stage["x"] + 46, stage["y"] + 350, stage["y"] + 70
    page.mouse.move(x, bottom)
    page.mouse.down()
    page.evaluate(COUNT_FRAMES)
    for step in range(BRUSH_STEPS):
        share = abs(step % 120 - 60) / 60
        page.mouse.move(x, top + (bottom - top) * share)
    frames: list[float] = page.evaluate(STOP)
    page.mouse.up()
    return frames


def measure(browser: Browser, stack: Stack, sweep: str) -> None:
    first = browser.new_context(base_url=stack.address)
    sign_in(first.new_page())
    state = first.storage_state()
    first.close()
    drawn, painted, rates, slowest = [], [], [], []
    for _ in range(TIMES):
        context = browser.new_context(
            base_url=stack.address, storage_state=state, viewport={"width": 1440, "height": 900}
        )
        page = context.new_page()
        page.goto(f"/sweeps/{sweep}/", wait_until="commit")
        page.locator("#analysis").wait_for()
        page.evaluate("document.getElementById('analysis').scrollIntoView()")
        found = complete(page)
        drawn.append(found["duration"])
        painted.append(found["startTime"] + found["duration"])
        page.wait_for_timeout(500)
        frames = brush(page)
        rates.append(1000 * len(frames) / sum(frames))
        slowest.append(sorted(frames)[int(len(frames) * 0.95)])
        context.close()
    print(f"navigation → all lines: {words(painted)}")
    print(f"the chart's first call → all lines: {words(drawn)}")
    print(f"brushing: {statistics.median(rates):.0f} frames a second ({min(rates):.0f} to {max(rates):.0f}), "
          f"95 % of frames within {statistics.median(slowest):.0f} ms")  # fmt: skip


def words(times: list[float]) -> str:
    return f"{statistics.median(times) / 1000:.2f} s ({min(times) / 1000:.2f} to {max(times) / 1000:.2f}, {len(times)} times)"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.charts")
    parser.add_argument("--trials", type=int, default=10_000)
    asked = parser.parse_args()
    with many_trials(asked.trials) as (browser, stack, sweep):
        measure(browser, stack, sweep)


if __name__ == "__main__":
    main()
