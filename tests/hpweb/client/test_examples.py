"""The examples in the documentation and on the page are sweeps that can start."""

import html
import re
from collections.abc import Iterator

import pytest

from hpweb.client import Client
from tests.factories import Cast
from tests.hpweb.client.bridge import client_of
from tests.processes import ROOT
from tests.sweeps.parts import make_model, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> Iterator[Client]:
    make_model(cast.team, name="Tiny BERT")
    version = make_version(cast.team)
    version.dataset.name, version.number = "Reviews", 2
    version.dataset.save()
    version.save()
    with client_of(cast.bob, cast.team) as found:
        yield found


@pytest.mark.parametrize(
    ("path", "pattern"),
    [("docs/client.md", r"```yaml\n(.*?)```"), ("templates/library/import.html", r'<pre class="code">(.*?)</pre>')],
)
def test_an_example_can_start_as_it_stands(client: Client, path: str, pattern: str) -> None:
    found = re.search(pattern, (ROOT / path).read_text(), re.DOTALL)
    assert found is not None
    sweep = client.sweeps.create(f"{html.unescape(found[1])}\n", start=True)
    assert (sweep.state, sweep.name) == ("queued", "Learning rates")
    spec = sweep.data["spec"]
    assert [row["type"] for row in spec["space"]["parameters"]] == ["float", "categorical"]
    assert (spec["arguments"]["num_train_epochs"], spec["backend"]["pruner"]["name"]) == (3, "hyperband")
