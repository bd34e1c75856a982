"""Every backend with every task's sample data, against the script that the page's Python tab exports: `python -m bench.matrix`.

    python -m bench.matrix [backend …] [--data key …] [--trials 2]

Each sweep goes through server and runner; then its exported script, plain transformers, runs with the exported data. Equal:
the same parameters, and values within 1e-9. The time of the sweep is from its start to its end on the server, both times
are taken once: a busy machine shows in them. A script for Optuna or W&B runs in a fork of this process, which has imported
its libraries, so imports do not count on either side; Ray and torchrun need a process that imports them.
"""

import argparse
import io
import json
import os
import runpy
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from datetime import datetime
from math import isclose
from pathlib import Path
from typing import Any, Final

from bench.overhead import TORCHRUN
from bench.running import quiet, running
from runners.process.forkserver.warm import warm_up
from tests.processes import clean_env
from tests.stack import Stack

DATA: Final = {
    "language-id": "text-classification",
    "message-traits": "multi-label-classification",
    "vowel-share": "text-regression",
    "message-words": "token-classification",
    "dictionary-questions": "question-answering",
    "spanish-texts": "causal-lm",
    "translation-chat": "causal-lm (chat)",
    "translation": "seq2seq",
    "spanish-masked": "masked-lm",
    "digits": "image-classification",
    "tones": "audio-classification",
}
"""Sample data (keys of `sweeps.services.datasets.packages`), and the task that each is for."""
BACKENDS: Final[dict[str, dict[str, Any]]] = {
    "optuna": {"backend": {"name": "optuna"}},
    "ray": {"backend": {"name": "ray"}},
    "wandb": {"backend": {"name": "wandb"}},
    "processes": {"backend": {"name": "optuna"}, "processes": 2},
}


def run_sweep(stack: Stack, key: str, changes: dict[str, Any]) -> tuple[str, float, dict[str, Any]]:
    """The sweep's id, its seconds, its last snapshot."""
    quiet(stack)
    sweep = str(stack.run("tests.stack.make_task_sweep", key, json.dumps(changes)))
    snapshot = stack.wait_finished(sweep, 400)
    query = "select queued_at, finished_at from sweeps_sweep where public_id = ?"
    queued, finished = map(datetime.fromisoformat, stack.query(query, sweep)[0])
    return sweep, (finished - queued).total_seconds(), snapshot


def exported(stack: Stack, sweep: str, folder: Path) -> Path:
    """The script, beside what it reads."""
    answer = stack.client().get(f"/sweeps/{sweep}/python/file/?with=data").raise_for_status()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    (script,) = folder.glob("*/*.py")
    (spec,) = stack.query("select spec from sweeps_sweep where public_id = ?", sweep)[0]
    # W&B's own service takes no seed, so the script has none; hpweb's endpoint does.
    seed = json.loads(spec)["sampler_seed"]
    script.write_text(script.read_text().replace("SWEEP = {", f"SWEEP = {{'seed': {seed}, ", 1))
    return script


def run_script(stack: Stack, script: Path, backend: str) -> tuple[float, list[dict[str, Any]]]:
    """Its seconds and what it prints."""
    env = clean_env(TMPDIR=str(stack.folder), HF_HUB_OFFLINE="1", GLOO_SOCKET_IFNAME="lo")
    if backend == "wandb":
        key = stack.run("tests.stack.make_token")
        env |= {"WANDB_BASE_URL": f"{stack.address}/wandb", "WANDB_API_KEY": key, "WANDB_SILENT": "true"}
    begin = time.monotonic()
    if backend in {"ray", "processes"}:
        start = TORCHRUN if backend == "processes" else ()
        command = [sys.executable, "-W", "ignore", *start, script.name]
        done = subprocess.run(command, check=False, cwd=script.parent, env=env, capture_output=True, text=True)
        code, printed, errors = done.returncode, done.stdout, done.stderr
    else:
        code, printed = forked(script, env)
        errors = printed
    took = time.monotonic() - begin
    if code:
        print(errors[-1500:])
    return took, [json.loads(line) for line in printed.splitlines() if line.startswith('{"number"')]


def forked(script: Path, env: dict[str, str]) -> tuple[int, str]:
    """Run a script as `__main__` in a fork of this process. Returns its exit code and what it said."""
    output = script.with_suffix(".output")
    pid = os.fork()
    if not pid:
        code = 1
        try:
            with output.open("w", buffering=1) as sys.stdout:
                sys.stderr = sys.stdout
                warnings.simplefilter("ignore")
                os.environ.update(env)
                tempfile.tempdir = None
                os.chdir(script.parent)
                sys.argv = [str(script)]
                try:
                    runpy.run_path(str(script), run_name="__main__")
                    code = 0
                except BaseException:
                    traceback.print_exc()
                    raise
        finally:
            os._exit(code)
    _, state = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(state), output.read_text()


def same(trials: list[dict[str, Any]], lines: list[dict[str, Any]]) -> bool:
    """Whether the script gave the sweep's parameters and values."""
    if len(trials) != len(lines):
        return False
    for trial, line in zip(trials, lines, strict=True):
        value = line["values"][0] if isinstance(line["values"], list) else line["values"]
        if trial["params"] != line["params"] or not isclose(trial["value"], value, rel_tol=1e-9, abs_tol=1e-12):
            return False
    return True


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.matrix")
    parser.add_argument("backends", nargs="*", metavar="backend", help=", ".join(BACKENDS))
    parser.add_argument("--data", nargs="*", default=list(DATA), choices=list(DATA))
    parser.add_argument("--trials", type=int, default=2)
    wanted = parser.parse_args()
    bad = 0
    os.environ.update(OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1")
    warm_up()
    with running(HPWEB_RUNNER_SLOTS="2") as stack:
        for backend in wanted.backends or BACKENDS:
            for key in wanted.data:
                changes = {**BACKENDS[backend], "budget": {"n_trials": wanted.trials}, "keep_best": False}
                sweep, seconds, snapshot = run_sweep(stack, key, changes)
                states = [trial["state"] for trial in snapshot["trials"]]
                words = (
                    snapshot["sweep"]["failure_message"] or f"{states.count('complete')} of {wanted.trials} complete"
                )
                took, lines = run_script(stack, exported(stack, sweep, stack.folder / sweep), backend)
                equal = same(snapshot["trials"], lines)
                bad += not equal or states != ["complete"] * wanted.trials
                print(
                    f"{backend:<9} {DATA[key]:<26} {key:<20} {words:<18} {'equal' if equal else 'DIFFERS':<8}"
                    f" {seconds:>6.1f} s, script {took:>6.1f} s: {seconds / took:.2f}",
                    flush=True,
                )
    print(f"{bad} not as wanted")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
