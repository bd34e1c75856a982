"""The wall clock of a sweep against the plain script's, and whether both give the same: `python -m bench.overhead`.

    python -m bench.overhead [case …] [--trials 8] [--rounds 2]

Cases: the demo's two sweeps with Optuna (`text`, `images`), each once more with its child killed in the middle; the text
sweep through Ray (`ray`), through W&B's client and hpweb's endpoint (`wandb`), and with two processes for each trial
(`processes`). One child each. The sweep counts from its start to its end on the server: offer, claim, data, preparation,
trials, the best model's upload. The script counts once as a whole process, and once without its imports, which a warm
runner has behind it. Sweep and script alternate, so that a busy moment of the machine falls on both.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bench.running import quiet, running
from bench.start import IMPORTS
from runners.optimizers.wandb_configuration import wandb_configuration
from runners.protocol.backends import WandbBackend
from runners.protocol.spec import SweepSpec
from tests.processes import ROOT, clean_env
from tests.stack import Stack

Table = list[tuple[int, dict[str, Any], float]]
"""(number, parameters, value) of each trial."""
SCRIPTS: Final = ROOT / "bench" / "plain"
TORCHRUN: Final = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2")


@dataclass(frozen=True)
class Case:
    """`changes` to the demo's sweep `kind`; `script` with what starts it. `killed`: also with a SIGKILL of its child."""

    kind: str
    script: tuple[str, ...]
    changes: dict[str, Any] = field(default_factory=dict)
    killed: bool = False


CASES: Final = {
    "text": Case("text", ("text_classification.py",), killed=True),
    "images": Case("images", ("image_classification.py",), killed=True),
    "ray": Case("text", ("ray_text_classification.py",), {"spec": {"backend": {"name": "ray"}}}),
    "wandb": Case("text", ("wandb_text_classification.py",), {"wandb": {"method": "random"}}),
    "processes": Case("text", (*TORCHRUN, "ddp_text_classification.py"), {"spec": {"processes": 2}}),
}


def run_sweep(stack: Stack, case: Case, n_trials: int, kill_after: int | None = None) -> tuple[str, float, Table]:
    """The sweep's id, its seconds, its trials. `kill_after`: the child gets SIGKILL once so many trials have finished."""
    quiet(stack)
    sweep = stack.sweep(case.kind, n_trials=n_trials, **case.changes)
    if kill_after is not None:
        stack.wait_trials(sweep, finished=kill_after)
        stack.kill_child(sweep)
    snapshot = stack.wait_finished(sweep, 900)
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
    frozen = SweepSpec.model_validate(spec)
    if isinstance(frozen.backend, WandbBackend):
        configuration = wandb_configuration(frozen.space, frozen.backend, frozen.objectives[0])
        spec["sweep"] = {**configuration, "seed": frozen.sampler_seed}
    # The script says this itself.
    assert spec["arguments"].pop("save_strategy", "no") == "no"
    (folder / "settings.json").write_text(json.dumps(spec))
    return folder


def run_plain(stack: Stack, case: Case, folder: Path) -> tuple[float, Table]:
    """The script's seconds and its trials."""
    *start, name = case.script
    env = clean_env(TMPDIR=str(stack.folder), WANDB_SILENT="true", WANDB_CONSOLE="off", GLOO_SOCKET_IFNAME="lo")
    if "wandb" in case.changes:
        key = stack.run("tests.stack.make_token")
        env |= {"WANDB_BASE_URL": f"{stack.address}/wandb", "WANDB_API_KEY": key, "WANDB_DIR": str(folder)}
    command = [sys.executable, "-W", "ignore", *start, str(SCRIPTS / name), str(folder)]
    begin = time.monotonic()
    done = subprocess.run(command, check=False, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    took = time.monotonic() - begin
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"number"')]
    return took, [(line["number"], line["params"], line["value"]) for line in lines]


def imports() -> float:
    begin = time.monotonic()
    subprocess.run([sys.executable, "-W", "ignore", "-c", IMPORTS], check=True, env=clean_env())
    return time.monotonic() - begin


def measure(stack: Stack, name: str, n_trials: int, rounds: int) -> None:
    case = CASES[name]
    # The first one fetches data and trains the tokenizer, which the script is given.
    sweep, _, _ = run_sweep(stack, case, n_trials)
    folder = export(stack, sweep, stack.folder / f"plain-{name}")
    sweeps, scripts, loads, equal = [], [], [], True
    for _ in range(rounds):
        loads.append(imports())
        took, script = run_plain(stack, case, folder)
        scripts.append(took)
        _, seconds, trials = run_sweep(stack, case, n_trials)
        sweeps.append(seconds)
        equal &= trials == script
    print(f"{name}: parameters and values of {n_trials} trials {'equal' if equal else 'DIFFER'}", flush=True)
    if case.killed:
        _, _, killed = run_sweep(stack, case, n_trials, kill_after=n_trials // 2)
        print(f"{name}: with a SIGKILL of the child in the middle {'equal too' if killed == script else 'DIFFERENT'}")
    ours, plain, load = statistics.median(sweeps), statistics.median(scripts), statistics.median(loads)
    whole = [sweep / script for sweep, script in zip(sweeps, scripts, strict=True)]
    print(
        f"{name}: sweep {ours:.1f} s, script {plain:.1f} s of which imports {load:.1f} s: {statistics.median(whole):.2f} "
        f"of the script ({', '.join(f'{ratio:.2f}' for ratio in whole)}), {ours / (plain - load):.2f} of the script "
        f"without its imports",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.overhead")
    parser.add_argument("cases", nargs="*", metavar="case", help=f"{', '.join(CASES)}; all where none is named")
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=2)
    wanted = parser.parse_args()
    if unknown := [name for name in wanted.cases if name not in CASES]:
        parser.error(f"no such case: {', '.join(unknown)}")
    with running(HPWEB_RUNNER_SLOTS="2") as stack:
        for name in wanted.cases or CASES:
            measure(stack, name, wanted.trials, wanted.rounds)


if __name__ == "__main__":
    main()
