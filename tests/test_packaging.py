"""Two images: the server without torch, the runner without Django.

What each image holds is read from the Dockerfile, so that the file is what is tested. One test takes away every
package that the side's requirements do not bring; the other installs each requirements file into a fresh environment.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import textwrap
import time
import venv
from importlib import metadata
from pathlib import Path

import httpx
import pytest
from packaging.requirements import Requirement

from tests.processes import ROOT, clean_env, free_port

SERVER = """
import os; os.environ["DJANGO_SETTINGS_MODULE"] = "hpweb.settings"
import django; django.setup()
from django.core.management import call_command
call_command("check", fail_level="WARNING")
import hpweb.asgi
walk("hpweb", "sweeps", "runners", "teams")
"""
RUNNER = """
walk("runners")
"""
PRELUDE = """
import sys, importlib, pkgutil
def walk(*packages):
    for package in packages:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
from importlib.machinery import PathFinder
class Wall:
    # Looks for modules as ever, and finds none of `names`: as if they were not installed.
    def __init__(self, names): self.names = names
    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in self.names else PathFinder.find_spec(name, path, target)
    find_distributions = staticmethod(PathFinder.find_distributions)
    invalidate_caches = staticmethod(PathFinder.invalidate_caches)
"""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(name: str) -> set[Requirement]:
    """What requirements/<name>.txt names, with what the files name that it includes."""
    found = set()
    for line in (ROOT / "requirements" / f"{name}.txt").read_text().splitlines():
        if line.startswith("-r "):
            found |= pinned(Path(line[3:]).stem)
        elif line and not line.startswith("#"):
            found.add(Requirement(line))
    return found


def closure(wanted: set[Requirement]) -> set[str]:
    """Those distributions and everything they need, with the extras that are asked for."""
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = list(wanted)
    while waiting:
        want = waiting.pop()
        name, extras = canonical(want.name), frozenset(want.extras)
        if (name, extras) in found:
            continue
        found.add((name, extras))
        try:
            needs = [Requirement(need) for need in metadata.requires(name) or []]
        except metadata.PackageNotFoundError:
            continue
        waiting += [
            need
            for need in needs
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras | {""})
        ]
    return {name for name, _extras in found}


def walled_off(side: str) -> set[str]:
    """Top-level modules that are installed here and would not be on that side."""
    allowed = closure(pinned(side))
    return {
        module
        for module, owners in metadata.packages_distributions().items()
        if not any(canonical(owner) in allowed for owner in owners)
    } - {"pip", "setuptools", "_distutils_hack", "pkg_resources"}


def build_tree(target: str, folder: Path) -> Path:
    """The files of one image, as the Dockerfile copies and removes them."""
    stage = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    body = next(text for text in stage if text.splitlines()[0].endswith(f" AS {target}"))
    for source, goal in re.findall(r"^COPY (\S+) (\S+)$", body, flags=re.MULTILINE):
        goal_path = folder / goal / Path(source).name if goal.endswith("/") else folder / goal
        goal_path.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, goal_path, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, goal_path)
    for gone in re.findall(r"^RUN rm -r (\S+)$", body, flags=re.MULTILINE):
        shutil.rmtree(folder / gone)
    return folder


@pytest.mark.parametrize(("side", "code"), [("server", SERVER), ("runner", RUNNER)], ids=["server", "runner"])
def test_each_side_needs_only_its_own_requirements(side: str, code: str, tmp_path: Path) -> None:
    tree = build_tree(side, tmp_path / side)
    walls = walled_off(side)
    assert ("torch" in walls, "django" in walls) == (side == "server", side == "runner")
    program = f"{PRELUDE}\nsys.meta_path[sys.meta_path.index(PathFinder)] = Wall({walls!r})\n{textwrap.dedent(code)}"
    env = clean_env(HPWEB_DATA=str(tmp_path / "data"), PYTHONPATH=str(tree))
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, check=False, cwd=tree, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def fresh_environment(side: str) -> Path:
    """The Python of an environment with that side's requirements and nothing else, made once a requirements file."""
    text = "".join((ROOT / "requirements" / f"{name}.txt").read_text() for name in ("common", side))
    folder = ROOT / ".cache" / "environments" / f"{side}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        venv.create(folder, clear=True, with_pip=True, symlinks=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(ROOT / "requirements" / f"{side}.txt")], check=True)
        (folder / "complete").touch()
    return python


def has(python: Path, module: str) -> bool:
    return subprocess.run([python, "-c", f"import {module}"], check=False, capture_output=True).returncode == 0


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_each_side_starts_from_a_fresh_environment_of_its_own(tmp_path: Path) -> None:
    server_python, runner_python = fresh_environment("server"), fresh_environment("runner")
    assert (has(server_python, "torch"), has(server_python, "django")) == (False, True)
    assert (has(runner_python, "torch"), has(runner_python, "django")) == (True, False)
    server_tree = build_tree("server", tmp_path / "server")
    runner_tree = build_tree("runner", tmp_path / "runner")

    port = free_port()
    env = clean_env(HPWEB_DATA=str(tmp_path / "data"))
    manage = [str(server_python), "manage.py"]
    for command in (
        ["migrate"],
        ["collectstatic", "--no-input"],
        ["runner_token", "fresh", "--file", str(tmp_path / "token")],
    ):
        subprocess.run([*manage, *command], check=True, cwd=server_tree, env=env, stdout=subprocess.DEVNULL)
    serve = [
        "-m",
        "uvicorn",
        "hpweb.asgi:application",
        "--port",
        str(port),
        "--lifespan",
        "on",
        "--ws",
        "websockets-sansio",
    ]
    address = f"http://127.0.0.1:{port}"
    runner_env = clean_env(
        HPWEB_SERVER=address, HPWEB_RUNNER_TOKEN_FILE=str(tmp_path / "token"), HPWEB_RUNNER_HOME=str(tmp_path / "home")
    )
    log = tmp_path / "log"
    with log.open("w") as output:
        server = subprocess.Popen([server_python, *serve], cwd=server_tree, env=env, stdout=output, stderr=output)
        runner = subprocess.Popen(
            [runner_python, "-m", "runners.process"], cwd=runner_tree, env=runner_env, stdout=output, stderr=output
        )
        try:
            wait_online(address, tmp_path / "data" / "hpweb.sqlite3", log)
        finally:
            for process in (runner, server):
                process.terminate()
                process.wait(20)


def wait_online(address: str, database: Path, log: Path) -> None:
    import sqlite3

    deadline = time.monotonic() + 60
    state = ""
    while state != "online":
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.2)
        with sqlite3.connect(database) as connection:
            state = connection.execute("select state from runners_runner").fetchone()[0]
        connection.close()
    assert httpx.get(f"{address}/healthz").status_code == 200
