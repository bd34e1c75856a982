"""The client needs only its own requirements, and installs alone."""

import hashlib
import re
import subprocess
import sys
import textwrap
import tomllib
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from hpweb.client.transport import VERSION
from tests.processes import ROOT, clean_env
from tests.test_packaging import PRELUDE, pinned, walled_off

SETTINGS = ROOT / "packaging" / "client" / "pyproject.toml"
MODULES = """
import hpweb.client
assert not {"typer", "rich", "pandas"} & set(sys.modules), "a program needs httpx alone"
walk("hpweb.client")
"""


def wheel(folder: Path) -> Path:
    command = [sys.executable, "scripts/client_wheel.py", str(folder)]
    done = subprocess.run(command, check=False, cwd=ROOT, env=clean_env(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def test_the_client_needs_only_its_own_requirements(tmp_path: Path) -> None:
    walls = walled_off("client")
    assert {"django", "pandas", "torch", "yaml"} <= walls
    program = f"{PRELUDE}\nsys.meta_path[sys.meta_path.index(PathFinder)] = Wall({walls!r})\n{textwrap.dedent(MODULES)}"
    command = [sys.executable, "-W", "ignore", "-c", program]
    env = clean_env(PYTHONPATH=str(ROOT))
    done = subprocess.run(command, check=False, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_wheels_settings_fit_the_pins_and_the_version() -> None:
    project = tomllib.loads(SETTINGS.read_text())["project"]
    assert project["version"] == VERSION
    wanted = {found.name: found for found in map(Requirement, project["dependencies"])}
    pins = {pin.name: str(pin.specifier).removeprefix("==") for pin in pinned("client")}
    assert set(wanted) == set(pins)
    assert all(wanted[name].specifier.contains(version) for name, version in pins.items())


@pytest.mark.full
@pytest.mark.timeout(600)
def test_the_wheel_installs_alone_and_its_command_answers(tmp_path: Path) -> None:
    built = wheel(tmp_path / "dist")
    name = hashlib.sha256(built.read_bytes()).hexdigest()[:12]
    folder = tmp_path / f"environment-{name}"
    venv.create(folder, with_pip=True, symlinks=True)
    python, command = folder / "bin" / "python", folder / "bin" / "hpweb"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", built], check=True)
    env = clean_env(HOME=str(tmp_path), NO_COLOR="1")
    shown = subprocess.run(
        [command, "--help"], check=True, cwd=tmp_path, env=env, capture_output=True, text=True
    ).stdout
    assert {"login", "sweep", "trial", "model", "dataset", "space", "runner"} <= set(re.findall(r"\w+", shown))
    version = subprocess.run([command, "--version"], check=True, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert version.stdout == f"hpweb-client {VERSION}\n"
    refused = subprocess.run(
        [command, "sweep", "list"], check=False, cwd=tmp_path, env=env, capture_output=True, text=True
    )
    assert (refused.returncode, "Log in once" in refused.stderr) == (2, True)
    for module in ("django", "pandas", "yaml"):
        assert subprocess.run([python, "-c", f"import {module}"], check=False, capture_output=True).returncode == 1
