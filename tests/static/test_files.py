"""The files that browsers get: vendored ones are as recorded, icons exist, colours are tokens, nothing is inline."""

import gzip
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((STATIC / "css").glob("*.css"))


def test_vendored_files_are_as_recorded() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/vendor.py", "--check"], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip()) == (0, "vendored files are as recorded")


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    named = {
        name
        for file in TEMPLATES
        for name in re.findall(
            r'icon\.html" with name="([^"]+)"|icons\.svg\' %}#([a-z0-9-]+)"|[( ]icon="([^"]+)"', file.read_text()
        )
        for name in name
        if name
    }
    assert named - known == set()


def test_every_state_has_an_icon_and_a_colour() -> None:
    from runners.protocol.states import JobState, RunnerState, SweepState, TrialState

    states = {state.value for kind in (SweepState, TrialState, RunnerState, JobState) for state in kind}
    sprite = (STATIC / "icons.svg").read_text()
    tokens = (STATIC / "css/tokens.css").read_text()
    styles = (STATIC / "css/components.css").read_text()
    for state in states:
        assert f'id="state-{state}"' in sprite
        assert f"--state-{state}:" in tokens
        assert f'[data-state="{state}"]' in styles


@pytest.mark.parametrize("file", [file for file in STYLES if file.name != "tokens.css"], ids=lambda file: file.name)
def test_colours_are_tokens(file: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|\brgba?\(|\bhsla?\(", text) == []


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.relative_to(ROOT / "templates").as_posix())
def test_templates_hold_nothing_that_the_policy_refuses(file: Path) -> None:
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", file.read_text(), flags=re.DOTALL)
    assert (
        re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\bsrc=)(?![^>]*application/json)", text)
        == []
    )


def test_the_sweep_page_is_light_on_the_wire() -> None:
    """Every script there is, also those that other pages need or that a chart fetches when its tab is first seen."""
    files = [STATIC / "vendor/tabler/tabler.min.css", STATIC / "vendor/echarts/echarts.min.js", STATIC / "icons.svg"]
    files += STYLES + sorted((STATIC / "js").rglob("*.js"))
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) < 600_000


def test_the_scripts_own_tests() -> None:
    node = shutil.which("node")
    assert node, "node runs the tests of the scripts (Debian, Ubuntu: apt install nodejs)"
    done = subprocess.run(
        [node, "--test", "tests/js/"], cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("sweeps/sweep_modules", ("live/sweep", "live/analysis", "charts/history", "charts/curves")),
        ("compare/modules", ("compare/page",)),
    ],
)
def test_a_page_of_charts_asks_at_once_for_every_module_that_it_needs(template: str, names: tuple[str, ...]) -> None:
    told = (ROOT / f"templates/{template}.html").read_text()
    seen: set[Path] = set()
    waiting = [STATIC / f"js/{name}.js" for name in names]
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        text = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)
        named = re.findall(r'^\s*import\s+(?:[^"]*?from\s+)?"([^"]+)"', text, flags=re.MULTILINE)
        waiting += [(file.parent / name).resolve() for name in named]
    missing = [str(file.relative_to(STATIC)) for file in sorted(seen) if str(file.relative_to(STATIC)) not in told]
    assert missing == []
