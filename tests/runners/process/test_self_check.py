"""What a runner finds out about itself."""

from pathlib import Path

import pytest

from runners.process.hardware import Hardware, versions
from runners.process.self_check import quick_checks, step_check


def test_what_can_be_said_at_once(tmp_path: Path) -> None:
    checks = {check.name: check for check in quick_checks(Hardware(tmp_path), versions())}
    assert list(checks) == ["Packages", "Disk", "Memory", "GPUs"]
    assert checks["Packages"].says == f"torch {versions()['torch']}"
    (packages, *_) = quick_checks(Hardware(tmp_path), {"torch": "2", "optuna": "5"})
    assert (packages.passed, packages.says) == (False, "transformers: not installed")


async def test_a_device_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runners.process.self_check.STEP", "import sys; sys.exit(f'no {sys.argv[1]}')")
    check = await step_check("cuda:9", "A training step on GPU 9")
    assert (check.passed, check.says) == (False, "no cuda:9")


@pytest.mark.full
async def test_a_training_step_on_the_processor() -> None:
    check = await step_check("cpu", "A training step")
    assert (check.passed, check.says) == (True, "done")
