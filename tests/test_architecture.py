"""The walls of the house: who may import whom, how large a module may be, what never appears."""

import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import ROOT, clean_env

PACKAGES = ("hpweb", "sweeps", "runners", "teams")


def modules(*packages: str) -> Iterator[Path]:
    for package in packages or PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts and path.stat().st_size:
                yield path


def test_imports_go_one_way() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], check=False, cwd=ROOT, env=clean_env(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("package", ["hpweb", "runners"])
def test_packages_that_both_sides_import_do_nothing_by_themselves(package: str) -> None:
    assert (ROOT / package / "__init__.py").read_text() == ""


def test_modules_are_small() -> None:
    lengths = [len(path.read_text().splitlines()) for path in modules()]
    assert statistics.median(lengths) < 80
    assert sum(length > 300 for length in lengths) < len(lengths) / 10


def test_no_module_is_a_drawer() -> None:
    assert [path for path in modules() if path.stem in {"utils", "helpers", "misc", "common"}] == []


def test_every_silenced_type_error_says_why() -> None:
    bare = re.compile(r"#\s*type:\s*ignore(\[[\w, -]+\])?\s*$", re.MULTILINE)
    assert [path for path in modules(*PACKAGES, "tests", "bench", "scripts") if bare.search(path.read_text())] == []


def test_the_states_are_written_once() -> None:
    """Whoever lists them again will forget one of them."""
    listed = re.compile(r"[\"']queued[\"'].{0,40}[\"']running[\"'].{0,40}[\"']paused[\"']", re.DOTALL)
    assert [path for path in modules() if listed.search(path.read_text()) and path.name != "states.py"] == []
