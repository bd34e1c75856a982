"""What is kept of local entries, and under which names."""

import os
import time
from pathlib import Path

import pytest

from runners.process.jobs import mirrors
from runners.process.jobs.mirrors import forget_old, training_secrets
from runners.process.mirror.registry import unset, where
from runners.process.mirror.service import Sweep, Trial
from runners.process.mirror.services.tensorboard import folder_name


def make(root: Path, name: str, *, size: int, age_s: float) -> None:
    file = root / name / "tensorboard" / "events"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x" * size)
    changed = time.time() - age_s
    for path in (file, file.parent, root / name):
        os.utime(path, (changed, changed))


def test_old_sweeps_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirrors, "KEPT_BYTES", 1000)
    for name, size, age_s in (("new", 300, 0.0), ("older", 600, 60.0), ("too_much", 300, 120.0), ("small", 10, 180.0)):
        make(tmp_path, name, size=size, age_s=age_s)
    forget_old(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "older"]
    make(tmp_path, "stale", size=1, age_s=40 * 86400.0)
    monkeypatch.setattr(mirrors, "KEPT_SWEEPS", 1)
    forget_old(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    forget_old(tmp_path / "none")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("../../etc", "_.._etc #3"), ("Läuse & Co.", "Läuse _ Co #3"), ("x" * 300, f"{'x' * 120} #3"), ("a\nb", "a_b #3")],
)
def test_a_sweeps_name_leads_nowhere(name: str, expected: str) -> None:
    assert folder_name(Trial(Sweep("s", name, Path()), 3, 1, {})) == expected


def test_training_gets_no_key_of_a_mirror() -> None:
    assert training_secrets({"WANDB_API_KEY": "a", "HPWEB_MIRROR_WANDB_API_KEY": "b"}) == {"WANDB_API_KEY": "a"}


def test_what_is_kept_on_the_runner_is_said() -> None:
    assert where("tensorboard", Path("/r/s"), ()) is not None
    assert where("trackio", Path("/r/s"), ()) is not None
    assert where("trackio", Path("/r/s"), ("TRACKIO_SPACE_ID",)) is None
    assert where("mlflow", Path("/r/s"), ()) is None
    assert unset("mlflow", ("MLFLOW_TRACKING_URI",)) is None
    assert unset("mlflow", ()) is not None
