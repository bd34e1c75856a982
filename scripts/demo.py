"""`make demo`: the whole program on a free port and in a temporary folder, until the demo sweep has ended.

Exit code 0 only when the sweep is complete. `--both` waits for both demo sweeps, `--keep` leaves the folder and its log.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

ROOT: Final = Path(__file__).resolve().parent.parent
FINISHED: Final = ("complete", "fail", "cancelled")
START_S: Final = 60.0
LIMIT_S: Final = 900.0
BAR: Final = 30


class Trouble(Exception):
    """The demo can't go on; the text is a sentence."""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def running(folder: Path, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`manage.py up --demo` with its data in `folder`; ended, with everything it started, at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HPWEB_")}
    env = {**kept, "HPWEB_DATA": str(folder)}
    command = [sys.executable, "manage.py", "up", "--demo", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def sign_in(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    """Wait for the server, then log in as the login page says."""
    deadline = time.monotonic() + START_S
    while True:
        if process.poll() is not None:
            raise Trouble(f"hpweb ended with code {process.returncode} before it answered.")
        try:
            if client.get("/healthz").status_code == 200:
                break
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            raise Trouble(f"The server did not answer within {START_S:.0f} s.")
        time.sleep(0.1)
    client.get("/login/")
    form = {"login": "demo@hpweb.example", "password": "demo-sweeps"}
    client.post("/login/", data={**form, "csrfmiddlewaretoken": client.cookies["csrftoken"]})
    if "sessionid" not in client.cookies:
        raise Trouble("The demo login was refused.")


def snapshot(client: httpx.Client, sweep: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/sweeps/{sweep}/snapshot/")
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def progress(name: str, state: dict[str, Any], seconds: float) -> str:
    """One line: how far a sweep is."""
    done, total = state["counted"], state["n_trials"]
    full = round(BAR * done / max(total, 1))
    best = f"  best {show(state['best']['value'])} (trial {state['best']['number']})" if state["best"] else ""
    left = f"  about {state['remaining_s']:.0f} s left" if state.get("remaining_s") else ""
    return f"{name}  [{'█' * full}{'·' * (BAR - full)}] {done}/{total} {state['state']}  {seconds:.0f} s{best}{left}"


def watch(client: httpx.Client, sweep: str, name: str, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Show the sweep's progress until it ends: one line in place on a terminal, else a line a trial."""
    begin, told = time.monotonic(), ""
    while True:
        found = snapshot(client, sweep)
        state = found["sweep"]
        seconds = time.monotonic() - begin
        if sys.stdout.isatty():
            print(f"\r\x1b[K{progress(name, state, seconds)}", end="", flush=True)
        elif (key := f"{state['state']} {state['counted']}") != told:
            told = key
            print(progress(name, state, seconds), flush=True)
        if state["state"] in FINISHED:
            if sys.stdout.isatty():
                print()
            return found
        if process.poll() is not None:
            raise Trouble(f"hpweb ended with code {process.returncode} in the middle.")
        if seconds > LIMIT_S:
            raise Trouble(f"The sweep had not ended after {LIMIT_S:.0f} s.")
        time.sleep(0.3)


def show(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)


def table(found: dict[str, Any]) -> str:
    """The trials, one line each, the best one marked."""
    names = sorted({name for trial in found["trials"] for name in trial["params"] or {}})
    best = found["sweep"]["best"]
    rows = [["trial", "state", "value", "seconds", *names]]
    for trial in found["trials"]:
        mark = "★ " if best and best["number"] == trial["number"] else ""
        params = trial["params"] or {}
        cells = [show(trial["value"]), show(trial["duration_s"]), *(show(params.get(name)) for name in names)]
        rows.append([f"{mark}{trial['number']}", trial["state"], *cells])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def report(found: dict[str, Any], name: str, url: str) -> bool:
    """Say how it ended; whether it is complete."""
    state = found["sweep"]
    print(f"\n{table(found)}\n")
    if state["best"]:
        params = ", ".join(f"{key}={show(value)}" for key, value in state["best"]["params"].items())
        print(f"Best: trial {state['best']['number']} with {show(state['best']['value'])} ({params})")
    if state["state"] != "complete":
        print(f"{name} ended in the state {state['state']}: {state['failure_message'] or 'no reason was given'}")
    print(f"Its page: {url}  (`make run` shows the same sweep and stays)")
    return bool(state["state"] == "complete")


def run(folder: Path, log: Path, both: bool) -> bool:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    print(f"Starting hpweb on {address} …", flush=True)
    with (
        running(folder, port, log) as process,
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        sign_in(client, process)
        sweeps = client.get("/api/v1/sweeps/").raise_for_status().json()["sweeps"]
        # The oldest first: the text sweep.
        sweeps = sorted(sweeps, key=lambda sweep: sweep["created_at"])[: 2 if both else 1]
        if not sweeps:
            raise Trouble("The demo has made no sweep.")
        complete = True
        for sweep in sweeps:
            url = f"{address}/sweeps/{sweep['id']}/"
            print(
                f"\n{sweep['name']}  {url}\nLog in as demo@hpweb.example with the password demo-sweeps to watch it.\n",
                flush=True,
            )
            complete &= report(watch(client, sweep["id"], sweep["name"], process), sweep["name"], url)
        return complete


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--both", action="store_true", help="wait for the image sweep too")
    parser.add_argument("--keep", action="store_true", help="leave the data folder when it is over")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hpweb-demo-"))
    log = folder / "demo.log"
    complete = False
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        complete = run(folder, log, options.both)
    except (Trouble, httpx.HTTPError) as error:
        print(f"\n{error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    finally:
        if not complete and log.exists():
            print(
                "\nThe end of what the processes said:",
                *log.read_text(errors="replace").splitlines()[-25:],
                sep="\n  ",
                file=sys.stderr,
            )
        if options.keep:
            print(f"Data and log: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
