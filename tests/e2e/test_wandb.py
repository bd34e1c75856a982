"""W&B sweeps over the whole program, with the real wandb client over a real connection."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ROOT, clean_env
from tests.stack import Stack

SHORT = {"num_train_epochs": 1.0}


def rows(snapshot: dict[str, Any]) -> list[tuple[int, str, Any]]:
    return [(trial["number"], trial["state"], trial["value"]) for trial in snapshot["trials"]]


def test_a_runners_job_searches_through_the_servers_own_endpoint(stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=3, arguments=SHORT, wandb={"method": "random"})
    snapshot = stack.wait_finished(sweep, 120)
    assert snapshot["sweep"]["state"] == "complete", stack.tail()
    assert [trial["state"] for trial in snapshot["trials"]] == ["complete"] * 3
