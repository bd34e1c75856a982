"""transformers 4.57 with the real SigOpt client, which transformers 5 has dropped, against the running program."""

import hashlib
import json
import subprocess
import venv
from pathlib import Path
from typing import Final

import pytest

from tests.processes import ROOT, clean_env
from tests.stack import Stack

PINS: Final = (
    *("transformers==4.57.6", "sigopt==8.8.3", "torch==2.13.0", "accelerate==1.15.0", "numpy==2.4.6"),
    # The client needs urllib3 below 2, hence an environment of its own.
    "urllib3==1.26.20",
)


def old_environment() -> Path:
    """Its Python, made once for these versions."""
    folder = ROOT / ".cache" / "environments" / f"sigopt-{hashlib.sha256(' '.join(PINS).encode()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        venv.create(folder, clear=True, with_pip=True, symlinks=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *PINS], check=True)
        (folder / "complete").touch()
    return python


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_an_unchanged_script_of_transformers_4_searches_here(stack: Stack, tmp_path: Path) -> None:
    env = clean_env(
        SIGOPT_API_URL=f"{stack.address}/sigopt",
        SIGOPT_API_TOKEN=stack.run("tests.stack.make_token"),
        HOME=str(tmp_path),
        HF_HUB_OFFLINE="1",
    )
    known = set(stack.query("select public_id, name from sweeps_sweep"))
    script = [str(old_environment()), str(ROOT / "tests" / "e2e" / "sigopt_script.py"), str(tmp_path)]
    done = subprocess.run(script, check=False, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    printed = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"')]
    ((sweep, name),) = set(stack.query("select public_id, name from sweeps_sweep")) - known

    snapshot = stack.wait_finished(sweep, 30)
    assert (snapshot["sweep"]["state"], name) == ("complete", "huggingface-tune")
    trials = snapshot["trials"]
    assert [(trial["number"], trial["state"]) for trial in trials] == [(n, "complete") for n in range(3)]
    assert [trial["value"] for trial in trials] == [line["value"] for line in printed[:3]]
    assert len({trial["value"] for trial in trials}) == 3
    names = ("learning_rate", "num_train_epochs", "per_device_train_batch_size")
    shown = [[trial["params"][name] for name in names] for trial in trials]
    # transformers makes whole numbers of the client's texts.
    assert [[rate, epochs, int(size)] for rate, epochs, size in shown] == [line["params"] for line in printed[:3]]

    run, value, assignments = printed[3]["best"]
    best = min(trials, key=lambda trial: float(trial["value"]))
    assert run.startswith(f"{sweep}-{best['number']}-")
    assert (value, assignments) == (best["value"], best["params"])
    page = stack.client().get(f"/sweeps/{sweep}/").text
    assert "A person&#x27;s own, through the sigopt client" in page
