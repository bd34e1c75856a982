"""Data sets from files, sent in pieces that may be lost."""

import hashlib
import json
from pathlib import Path

import httpx
import pytest

from hpweb.client import Refused
from hpweb.client.datasets import Datasets
from hpweb.client.transport import Transport
from sweeps.models import Dataset
from tests.factories import Cast
from tests.hpweb.client.bridge import client_of
from tests.hpweb.client.test_cli import Run, home, run, token  # noqa: F401  fixtures


class Store:
    """The server's side of an upload. At these turns the answer to a piece is lost after it was stored."""

    def __init__(self, lose: tuple[int, ...] = (), always_wrong: bool = False) -> None:
        self.bytes = b""
        self.turn = 0
        self.lose = lose
        self.always_wrong = always_wrong
        self.size = 0
        self.sha256 = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            told = json.loads(request.content)
            self.size, self.sha256 = told["size"], told["sha256"]
        if request.method == "PUT":
            self.turn += 1
            offset = int(request.url.params["offset"])
            if self.always_wrong or offset != len(self.bytes):
                return httpx.Response(409, json={"code": "offset", "message": "Elsewhere.", "offset": len(self.bytes)})
            self.bytes += request.content
            if self.turn in self.lose:
                raise httpx.ReadError("the answer is lost")
        state = {"id": "u", "offset": len(self.bytes), "size": self.size, "chunk_size": 4}
        return httpx.Response(200, json={**state, "complete": len(self.bytes) == self.size})


def datasets(store: Store) -> Datasets:
    return Datasets(Transport("http://server", "t", inner=httpx.MockTransport(store), sleep=lambda _: None))


@pytest.mark.parametrize("lose", [(), (1,), (2, 3)])
def test_a_file_arrives_whole_whatever_is_lost(tmp_path: Path, lose: tuple[int, ...]) -> None:
    file = tmp_path / "data.csv"
    file.write_bytes(b"0123456789")
    store, told = Store(lose), []
    assert datasets(store).upload(file, lambda there, size: told.append((there, size))) == "u"
    assert (store.bytes, store.sha256) == (b"0123456789", hashlib.sha256(b"0123456789").hexdigest())
    assert told[-1] == (10, 10)


def test_a_server_that_never_agrees_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"0123")
    with pytest.raises(Refused, match="Elsewhere"):
        datasets(Store(always_wrong=True)).upload(tmp_path / "x")


REVIEWS = "text,stars\n" + "".join(f"sentence {n} is {'good' if n % 2 else 'bad'},{n % 2}\n" for n in range(40))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "reviews.csv"
    file.write_text(REVIEWS)
    return file


@pytest.mark.django_db
def test_a_data_set_is_made_of_a_file_and_gets_another_version(cast: Cast, data: Path) -> None:
    client = client_of(cast.bob, cast.team)
    made = client.datasets.create(
        "Reviews", data, columns={"text": "text", "label": "stars"}, task="text-classification"
    )
    assert (made["name"], made["task"], [one["number"] for one in made["versions"]]) == (
        "Reviews",
        "text-classification",
        [1],
    )
    assert made["versions"][0]["summary"]["train"]["rows"] == 32
    data.write_text(REVIEWS.replace("sentence", "word"))
    again = client.datasets.add_version(made["id"], data, split={"by": "fraction", "eval_fraction": 0.5, "seed": 1})
    assert [one["number"] for one in again["versions"]] == [2, 1]
    assert again["versions"][0]["summary"]["eval"]["rows"] == 20
    assert [row["name"] for row in client.datasets.list()] == ["Reviews"]
    with pytest.raises(Refused) as error:
        client.datasets.create("Other", data, columns={"text": "text", "label": "bogus"}, task="text-classification")
    assert "source.columns.label" in error.value.fields


@pytest.mark.django_db
def test_the_command_line_does_it_too(run: Run, cast: Cast, data: Path) -> None:  # noqa: F811  a fixture
    done = run(
        "dataset",
        "create",
        "Reviews",
        str(data),
        "--column",
        "text=text",
        "--column",
        "label=stars",
        "--eval-fraction",
        "0.25",
    )
    dataset = Dataset.objects.get()
    version = dataset.versions.get()
    assert done.stdout == f"{dataset.public_id} is Reviews v1 ({version.public_id}), for text-classification\n"
    data.write_text(REVIEWS.replace("sentence", "word"))
    assert "Reviews v2" in run("dataset", "upload", dataset.public_id, str(data)).stdout
    assert "v2 (" in run("dataset", "get", dataset.public_id).stdout
    assert "Reviews" in run("dataset", "list").stdout
    assert run("dataset", "create", "X", str(data), "--column", "label").exit_code == 2
    assert run("dataset", "create", "X", "nowhere.csv").exit_code == 2
