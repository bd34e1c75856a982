"""From navigation to painted, for a finished sweep of many trials: `python -m bench.page [--trials 10000] [--peer PYTHON]`.

A real server, its collected files, a cold cache each time. The page marks when its history chart is painted; a script of
this measurement marks when the first row of the table is. Bytes are those on the wire, by type. `--peer`: an interpreter
that has optuna-dashboard; the same study is then written into Optuna's storage and its page is opened in the same run.
"""

import argparse
import json
import statistics
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.sync_api import Browser, Page

from bench.large import SPACE, trial_of
from bench.many import many_trials
from tests.browser.conftest import sign_in
from tests.processes import free_port
from tests.stack import Stack

TIMES: Final = 5
PEER_TIMES: Final = 3
PEER_LIMIT_S: Final = 120
WATCH_TABLE: Final = """
const look = () => {
  if (document.querySelector("#trials tbody tr")) requestAnimationFrame(() => setTimeout(() => performance.mark("table-painted")));
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
MARK: Final = "(name) => performance.getEntriesByName(name)[0]?.startTime ?? null"
DRAWN: Final = """() => {
  const plots = [...document.querySelectorAll(".js-plotly-plot")];
  return plots.some((plot) => plot.querySelector(".scatterlayer .points path, .gl-canvas")) ? performance.now() : null;
}"""


def wait_mark(page: Page, script: str, argument: Any, limit_s: float) -> float | None:
    """What a script of the page gives once it gives something, in ms; None after the limit."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        found = page.evaluate(script, argument)
        if found is not None:
            return float(found)
        page.wait_for_timeout(20)
    return None


class Wire:
    """Bytes that came over the wire, by type of what they are."""

    def __init__(self, page: Page) -> None:
        self.bytes: Counter[str] = Counter()
        self._kinds: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", self._came)
        session.on("Network.loadingFinished", self._ended)

    def _came(self, event: dict[str, Any]) -> None:
        self._kinds[event["requestId"]] = event["type"]

    def _ended(self, event: dict[str, Any]) -> None:
        self.bytes[self._kinds.get(event["requestId"], "Other")] += int(event["encodedDataLength"])


def words(times: list[float], wire: Counter[str]) -> str:
    code = (wire["Script"] + wire["Stylesheet"]) / 1e6
    data = sum(wire.values()) / 1e6 - code
    return (
        f"{statistics.median(times) / 1000:.2f} s ({min(times) / 1000:.2f} to {max(times) / 1000:.2f}, {len(times)} times), "
        f"{code:.2f} MB of JS and CSS, {data:.2f} MB of everything else"
    )


def measure(browser: Browser, stack: Stack, sweep: str) -> float:
    """The median in ms."""
    first = browser.new_context(base_url=stack.address)
    sign_in(first.new_page())
    state = first.storage_state()
    first.close()
    times: list[float] = []
    rows: list[float] = []
    wire: Counter[str] = Counter()
    for _ in range(TIMES + 1):
        context = browser.new_context(
            base_url=stack.address, storage_state=state, viewport={"width": 1440, "height": 900}
        )
        page = context.new_page()
        page.add_init_script(WATCH_TABLE)
        seen = Wire(page)
        page.goto(f"/sweeps/{sweep}/", wait_until="commit")
        table = wait_mark(page, MARK, "table-painted", 60)
        chart = wait_mark(page, MARK, "history-painted", 60)
        assert table is not None, "no row was painted"
        assert chart is not None, "no history was painted"
        times.append(max(table, chart))
        rows.append(table)
        page.wait_for_timeout(1000)
        wire = seen.bytes
        context.close()
    # The first visit of all finds a server that has not answered yet.
    print(f"hpweb: both painted {words(times[1:], wire)}")
    print(
        f"hpweb: the table alone {statistics.median(rows[1:]) / 1000:.2f} s; the very first visit {times[0] / 1000:.2f} s"
    )
    return statistics.median(times[1:])


def write_study(file: Path, trials: int) -> None:
    """The same trials in Optuna's journal storage."""
    import optuna
    from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend
    from optuna.trial import TrialState, create_trial

    distributions: dict[str, BaseDistribution] = {}
    for row in SPACE:
        if row["type"] == "categorical":
            distributions[row["name"]] = CategoricalDistribution(row["choices"])
        elif row["type"] == "int":
            distributions[row["name"]] = IntDistribution(row["low"], row["high"])
        else:
            distributions[row["name"]] = FloatDistribution(row["low"], row["high"], log=row.get("log", False))
    states = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "fail": TrialState.FAIL}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        study_name="large",
        storage=JournalStorage(JournalFileBackend(str(file))),
        direction="minimize",
    )
    for number in range(trials):
        trial = trial_of(number)
        told = {step: value for step, _, value in trial["intermediate"]}
        value = trial["values"][0] if trial["values"] else list(told.values())[-1]
        study.add_trial(
            create_trial(
                state=states[trial["state"]],
                value=None if trial["state"] == "fail" else value,
                params=trial["params"],
                distributions=distributions,
                intermediate_values=told,
            )
        )


def measure_peer(browser: Browser, python: str, folder: Path, trials: int) -> float | None:
    """The median in ms; None where the chart was not drawn within the limit."""
    file = folder / "journal.log"
    write_study(file, trials)
    port = free_port()
    command = [str(Path(python).with_name("optuna-dashboard")), str(file), "--port", str(port), "--host", "127.0.0.1"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_http(address)
        study = httpx.get(f"{address}/api/studies", timeout=PEER_LIMIT_S).json()["study_summaries"][0]["study_id"]
        times: list[float] = []
        wire: Counter[str] = Counter()
        for _ in range(PEER_TIMES):
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            page = context.new_page()
            page.set_default_timeout(PEER_LIMIT_S * 1000)
            seen = Wire(page)
            page.goto(f"{address}/dashboard/studies/{study}", wait_until="commit")
            drawn = wait_mark(page, DRAWN, None, PEER_LIMIT_S)
            wire = seen.bytes
            context.close()
            if drawn is None:
                print(f"optuna-dashboard: its history was not drawn within {PEER_LIMIT_S} s; {words([0.0], wire)}")
                return None
            times.append(drawn)
        print(f"optuna-dashboard: history drawn {words(times, wire)}")
        return statistics.median(times)
    finally:
        server.terminate()
        server.wait()


def _wait_http(address: str) -> None:
    for _ in range(600):
        try:
            httpx.get(address, timeout=10)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{address} does not answer")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.page")
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--peer", default="", help="a Python that has optuna-dashboard")
    asked = parser.parse_args()
    with many_trials(asked.trials) as (browser, stack, sweep):
        mine = measure(browser, stack, sweep)
        if asked.peer:
            # Two servers at once would take each other's time.
            stack.stop()
            theirs = measure_peer(browser, asked.peer, stack.folder, asked.trials)
            at_least = theirs if theirs is not None else PEER_LIMIT_S * 1000
            print(f"ratio: {'at least ' if theirs is None else ''}{at_least / mine:.1f} ×")
    print(json.dumps({"trials": asked.trials, "painted_s": round(mine / 1000, 3)}))


if __name__ == "__main__":
    main()
