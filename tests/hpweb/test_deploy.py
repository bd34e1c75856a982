"""A server in production has nothing that Django's own checks of a deployment warn of."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_deployment_has_no_warnings(tmp_path: Path) -> None:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("HPWEB_", "DJANGO_"))}
    environment = {
        **ours,
        "HPWEB_SECRET_KEY": "between-nine-and-ten-thousand-words-are-known-7f3kq",
        "HPWEB_PUBLIC_URL": "https://hpweb.example.org",
        "HPWEB_ALLOWED_HOSTS": "hpweb.example.org",
        "HPWEB_DATA": str(tmp_path),
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout
