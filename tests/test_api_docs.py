"""The examples of docs/api.md, run against a server."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from sweeps.models import Sweep
from teams.tokens import make_token
from tests.factories import make_cast

PAGE = Path(__file__).parent.parent / "docs" / "api.md"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.django_db(transaction=True)
def test_the_examples_work(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = make_cast()
    monkeypatch.setenv("HPWEB_URL", live_server.url)
    monkeypatch.setenv("HPWEB_TOKEN", make_token(user=cast.bob, team=cast.team, name="docs")[1])
    names: dict[str, Any] = {}
    for block in blocks("python"):
        exec(compile(block, str(PAGE), "exec"), names)
    names["api"].close()
    assert (names["sweep"]["problems"], Sweep.objects.get().state) == ({}, "queued")
    for block in blocks("bash"):
        found = subprocess.run(["bash", "-ec", block], env=os.environ, capture_output=True, check=True, timeout=30)
        assert b'"name":"First"' in found.stdout
