"""Build the client's wheel: `python scripts/client_wheel.py [FOLDER]` prints its path. Needs setuptools alone.

The package lies inside the server's, so what belongs to the wheel is copied beside packaging/client/pyproject.toml first.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = ROOT / "packaging" / "client" / "pyproject.toml"


def build(goal: Path) -> Path:
    """The wheel, in the folder `goal`."""
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        shutil.copy(SETTINGS, tree)
        (tree / "hpweb").mkdir()
        shutil.copy(ROOT / "hpweb" / "__init__.py", tree / "hpweb")
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "hpweb" / "client", tree / "hpweb" / "client", ignore=ignore)
        # Without isolation nothing is fetched.
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
        command = [*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", str(goal.resolve()), str(tree)]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return next(goal.glob("hpweb_client-*.whl"))


if __name__ == "__main__":
    print(build(Path(sys.argv[1] if len(sys.argv) > 1 else "dist")))
