"""A wrong environment ends the start with one sentence that names the variable, and no traceback."""

import subprocess
import sys

import pytest

from tests.processes import ROOT, clean_env


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HPWEB_LEASE_S", "soon", "HPWEB_LEASE_S is 'soon': Input should be a valid number"),
        ("HPWEB_LEASE_S", "0", "HPWEB_LEASE_S is '0': Input should be greater than 0."),
        ("HPWEB_DATABASE_URL", "mysql://x/y", "HPWEB_DATABASE_URL is 'mysql://x/y': must begin with one of sqlite://"),
        ("HPWEB_BROKER_URL", "amqp://x", "HPWEB_BROKER_URL is 'amqp://x': must begin with one of filesystem://"),
        ("HPWEB_LOG_LEVEL", "loud", "HPWEB_LOG_LEVEL is 'loud': must be one of DEBUG"),
        ("HPWEB_DATA", "/proc/nope", "HPWEB_DATA: cannot write to /proc/nope (No such file or directory)."),
        ("HPWEB_DATA", "/dev/null", "HPWEB_DATA: cannot write to /dev/null (File exists)."),
    ],
)
def test_a_wrong_variable_is_named(name: str, value: str, sentence: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**clean_env(), name: value},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1
