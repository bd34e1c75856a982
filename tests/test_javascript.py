"""The browser's pure modules, tested where they can be run without a browser: by Node's own test runner."""

import subprocess

from tests.processes import ROOT, clean_env


def test_pure_modules_under_node() -> None:
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "js").glob("*.test.js"))
    assert files
    command = ["node", "--test", "--test-reporter=tap", *files]
    done = subprocess.run(command, check=False, cwd=ROOT, env=clean_env(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "# fail 0" in done.stdout
