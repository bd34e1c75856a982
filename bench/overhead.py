"""The wall clock of a sweep against the plain script's, and whether both give the same: `python -m bench.overhead`.

The demo's two sweeps with 8 trials, one child; once more with that child killed in the middle. The sweep counts from its start to its end on the server: offer, claim, data,
preparation, trials, the best model's upload. The script counts once as a whole process, and once without its imports, which a warm
runner has behind it. Sweep and script alternate, so that a busy moment of the machine falls on both.
"""

import json
import shutil
import statistics
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bench.running import quiet, running
from bench.start import IMPORTS
from tests.processes import ROOT, clean_env
from tests.stack import Stack

TRIALS: Final = 8
ROUNDS: Final = 2


def run_sweep(
    stack: Stack, kind: str, kill_after: int | None = None
) -> tuple[str, float, list[tuple[int, dict[str, Any], float]]]:
    """The sweep's id, its seconds, its trials. `kill_after`: the child gets SIGKILL once so many trials have finished."""
    quiet(stack)
    sweep = stack.sweep(kind, n_trials=TRIALS)
    if kill_after is not None:
        stack.wait_trials(sweep, finished=kill_after)
        stack.kill_child(sweep)
    snapshot = stack.wait_finished(sweep, 300)
    assert snapshot["sweep"]["state"] == "complete", snapshot["sweep"]["failure_message"]
    query = "select queued_at, finished_at from sweeps_sweep where public_id = ?"
    queued, finished = map(datetime.fromisoformat, stack.query(query, sweep)[0])
    trials = [(trial["number"], trial["params"], trial["value"]) for trial in snapshot["trials"]]
    return sweep, (finished - queued).total_seconds(), trials


def export(stack: Stack, sweep: str, folder: Path) -> Path:
    """What the plain script reads: both splits, the tokenizer, the settings."""
    folder.mkdir()
    spec = json.loads(stack.query("select spec from sweeps_sweep where public_id = ?", sweep)[0][0])
    for split in ("train", "eval"):
        sha = spec["data"][split]["sha256"]
        shutil.copy(stack.data / "artifacts" / sha[:2] / sha, folder / f"{split}.parquet")
    for tokenizer in (stack.data / "runner" / "tokenizers").glob("*/"):
        if spec["task"] == "text-classification":
            shutil.copytree(tokenizer, folder / "tokenizer", dirs_exist_ok=True)
    # The script says this itself.
    assert spec["arguments"].pop("save_strategy", "no") == "no"
    (folder / "settings.json").write_text(json.dumps(spec))
    return folder


def run_plain(kind: str, folder: Path) -> tuple[float, list[tuple[int, dict[str, Any], float]]]:
    """The script's seconds and its trials."""
    name = {"text": "text_classification", "images": "image_classification"}[kind]
    command = [sys.executable, "-W", "ignore", str(ROOT / "bench" / "plain" / f"{name}.py"), str(folder)]
    begin = time.monotonic()
    done = subprocess.run(command, check=False, env=clean_env(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    took = time.monotonic() - begin
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"number"')]
    return took, [(line["number"], line["params"], line["value"]) for line in lines]


def imports() -> float:
    begin = time.monotonic()
    subprocess.run([sys.executable, "-W", "ignore", "-c", IMPORTS], check=True, env=clean_env())
    return time.monotonic() - begin


def main() -> None:
    with running() as stack:
        for kind in ("text", "images"):
            # The first one fetches data and trains the tokenizer, which the script is given.
            sweep, _, _ = run_sweep(stack, kind)
            folder = export(stack, sweep, stack.folder / f"plain-{kind}")
            sweeps, scripts, loads, equal = [], [], [], True
            for _ in range(ROUNDS):
                loads.append(imports())
                took, script = run_plain(kind, folder)
                scripts.append(took)
                _, seconds, trials = run_sweep(stack, kind)
                sweeps.append(seconds)
                equal &= trials == script
            ours, plain, load = statistics.median(sweeps), statistics.median(scripts), statistics.median(loads)
            print(f"{kind}: parameters and values of {TRIALS} trials {'equal' if equal else 'DIFFER'}")
            _, _, killed = run_sweep(stack, kind, kill_after=TRIALS // 2)
            print(
                f"{kind}: with a SIGKILL of the child in the middle {'equal too' if killed == script else 'DIFFERENT'}"
            )
            print(
                f"{kind}: sweep {ours:.1f} s, script {plain:.1f} s of which imports {load:.1f} s: "
                f"{ours / plain:.2f} of the script, {ours / (plain - load):.2f} of the script without its imports"
            )


if __name__ == "__main__":
    main()
