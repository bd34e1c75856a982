"""Data sets over HTTP: of a file, of a package, of the Hub; more versions; the rows back as Parquet."""

import io
from typing import Any

import pyarrow.parquet as pq
import pytest
from asgiref.sync import async_to_sync

from sweeps.models import Dataset, GivenAnswer
from tests.factories import Cast
from tests.sweeps.api.caller import Caller

pytestmark = pytest.mark.django_db
CSV = b"text,label\n" + b"".join(f"row {n},{'yes' if n % 2 else 'no'}\n".encode() for n in range(20))


@pytest.fixture
def bob(cast: Cast) -> Caller:
    return Caller(cast.bob, cast.team)


async def whole(answer: Any) -> bytes:
    return b"".join([part async for part in answer.streaming_content])


def from_file(bob: Caller, **source: Any) -> Any:
    upload = bob.upload("rows.csv", CSV)
    return bob.post("datasets/", {"name": "Rows", "source": {"source": "upload", "upload": upload, **source}})


def test_a_file_becomes_a_data_set_and_its_rows_come_back(bob: Caller, cast: Cast) -> None:
    upload = bob.upload("rows.csv", CSV)
    columns = bob.get(f"uploads/{upload}/columns/").json()
    assert (columns["rows"], columns["proposal"]["columns"]) == (20, {"text": "text", "label": "label"})
    body = {"name": "Rows", "description": "", "source": {"source": "upload", "upload": upload}}
    answer = bob.post("datasets/", body, idempotency_key="one")
    assert answer.status_code == 201, answer.content
    made = answer.json()
    [version] = made["versions"]
    assert (made["task"], version["number"], version["summary"]["train"]["rows"]) == ("text-classification", 1, 16)
    again = bob.post("datasets/", body, idempotency_key="one")
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, made, "true")
    assert Dataset.objects.count() == 1
    assert len(bob.get(f"versions/{version['id']}/").json()["preview"]) == 12
    file = bob.get(f"versions/{version['id']}/eval.parquet")
    rows = pq.read_table(io.BytesIO(async_to_sync(whole)(file)))
    assert rows.num_rows == version["spec"]["eval"]["rows"] == 4
    assert bob.get(f"versions/{version['id']}/other.parquet").status_code == 404


def test_a_mapping_of_its_own_and_another_version(bob: Caller) -> None:
    made = from_file(bob, columns={"text": "text", "label": "label"}, split={"eval_fraction": 0.5, "seed": 3}).json()
    assert made["versions"][0]["summary"]["eval"]["rows"] == 10
    upload = bob.upload("more.csv", CSV + b"one more,yes\n")
    more = bob.post(f"datasets/{made['id']}/versions/", {"source": {"source": "upload", "upload": upload}})
    assert (more.status_code, [version["number"] for version in more.json()["versions"]]) == (201, [2, 1])
    patched = bob.patch(f"datasets/{made['id']}/", {"name": "Renamed"}).json()
    assert (patched["name"], len(patched["versions"])) == ("Renamed", 2)
    assert bob.delete(f"datasets/{made['id']}/").status_code == 204


def test_a_hub_id(bob: Caller) -> None:
    source = {"source": "hub", "id": "owner/name", "task": "text-classification", "eval_split": "test"}
    made = bob.post("datasets/", {"name": "Hub", "source": source})
    assert made.status_code == 201, made.content
    assert made.json()["versions"][0]["spec"]["id"] == "owner/name"


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ({"columns": {"text": "nothing", "label": "label"}}, "source.columns.text"),
        ({"upload": "nosuchupload"}, "source.upload"),
        ({"layout": "nothing"}, "source.layout"),
        ({"task": "nothing"}, "source.task"),
        ({"split": {"by": "column", "column": "gone"}}, "source.split.column"),
        ({"split": {"by": "file"}}, "source.eval_upload"),
        ({"rows": 3}, "source.rows"),
        ({"source": "package", "key": "nothing"}, "source.upload"),
        ({"source": "hub", "id": "a//b", "task": "causal-lm"}, "source.upload"),
    ],
)
def test_what_is_wrong_is_named(bob: Caller, source: dict[str, Any], path: str) -> None:
    answer = from_file(bob, **source)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [path]
    assert Dataset.objects.count() == 0


def test_what_is_refused_leaves_no_key(bob: Caller) -> None:
    body = {"name": "x", "source": {"source": "package", "key": "nothing"}}
    answer = bob.post("datasets/", body, idempotency_key="k")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["source.key"])
    assert GivenAnswer.objects.count() == 0
