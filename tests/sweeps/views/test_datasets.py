"""Pages of data sets: from a file to a version, without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sweeps.models import Artifact, Dataset, DatasetVersion, Upload
from sweeps.services.datasets import create_package_dataset
from tests.factories import Cast, make_sweep, make_team
from tests.sweeps.datasets.files import FOUR, csv_bytes, image_folders

LIST, NEW = "/library/datasets/", "/library/datasets/new/"
CHOICES = {
    "act": "", "name": "Films", "input_column": "text", "label_column": "label", "split_by": "fraction",
    "eval_percent": "50", "split_seed": "3",
}  # fmt: skip


@pytest.fixture
def bob(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def send(client: Client, data: bytes = csv_bytes(FOUR), name: str = "films_2026.csv", query: str = "") -> str:
    """Upload a file with the plain form; the address of its mapping page."""
    answer = client.post(NEW + query, {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def test_a_member_makes_a_data_set_of_a_file(cast: Cast, bob: Client) -> None:
    assert b"No data sets yet" in bob.get(LIST).content
    page = bob.get(send(bob)).content.decode()
    assert 'value="films 2026"' in page
    assert "2 rows to train on, 2 to evaluate on" in page
    assert re.search(r'<option value="text" selected>', page)
    assert re.search(r'<option value="label" selected>', page)
    answer = bob.post(send(bob), CHOICES)
    version = DatasetVersion.objects.get()
    assert answer["Location"] == f"/library/versions/{version.public_id}/"
    assert (version.dataset.name, version.dataset.team, version.created_by) == ("Films", cast.team, cast.bob)
    assert version.spec["labels"] == ["neg", "pos"]
    assert version.summary["eval"] == {"rows": 2, "labels": {"neg": 1, "pos": 1}}
    assert version.origin["split"] == {"by": "fraction", "eval_fraction": 0.5, "seed": 3}
    assert version.artifacts.count() == 2
    page = bob.get(answer["Location"]).content.decode()
    assert version.digest[:10] in page
    assert "films_2026.csv" in page
    assert "text → label" in page
    assert "50% for evaluation, stratified, seed 3" in page
    assert all(text in page for text, _label in FOUR)
    assert f"?dataset={version.public_id}" in page
    assert b"Films" in bob.get(LIST).content


def test_the_same_file_and_choices_are_the_same_version(bob: Client) -> None:
    first = bob.post(send(bob), CHOICES)["Location"]
    dataset = Dataset.objects.get()
    assert bob.post(send(bob, query=f"?dataset={dataset.public_id}"), CHOICES)["Location"] == first
    other = bob.post(send(bob, query=f"?dataset={dataset.public_id}"), CHOICES | {"split_seed": "5"})["Location"]
    assert other != first
    assert [version.number for version in dataset.versions.all()] == [2, 1]
    assert len({version.digest for version in dataset.versions.all()}) == 2
    assert Dataset.objects.count() == 1


def test_a_choice_shows_what_it_makes_and_judges_no_name(bob: Client) -> None:
    rows = [(text, label, split) for (text, label), split in zip(FOUR, ["train", "train", "dev", "dev"], strict=True)]
    address = send(bob, csv_bytes(rows, ("text", "label", "part")))
    data = {"act": "update", "name": "", "input_column": "text", "label_column": "label", "split_by": "column"}
    page = bob.post(address, data)
    assert page.status_code == 200
    assert "Split column" in page.content.decode()
    assert "Choose a name" not in page.content.decode()
    page = bob.post(address, data | {"split_column": "part"})
    assert '<option value="train" selected>train (2 rows)' in page.content.decode()
    assert '<option value="dev" selected>dev (2 rows)' in page.content.decode()
    assert "2 rows to train on, 2 to evaluate on" in page.content.decode()
    chosen = {**data, "act": "", "name": "By part", "split_column": "part", "train_value": "train", "eval_value": "dev"}
    bob.post(address, chosen)
    assert DatasetVersion.objects.get().origin["split"]["column"] == "part"


def test_evaluation_rows_from_a_second_file(bob: Client) -> None:
    address = send(bob)
    data = CHOICES | {"split_by": "file"}
    page = bob.post(address, data)
    assert page.status_code == 422
    assert "Choose the file with the evaluation rows" in page.content.decode()
    file = SimpleUploadedFile("more.csv", csv_bytes([("glad", "pos"), ("sad", "neg")]))
    page = bob.post(address, data | {"act": "update", "eval_file": file})
    assert "4 rows to train on, 2 to evaluate on" in page.content.decode()
    second = Upload.objects.get(filename="more.csv")
    assert f'value="{second.public_id}"' in page.content.decode()
    bob.post(address, data | {"eval_upload": second.public_id})
    version = DatasetVersion.objects.get()
    assert version.summary["train"]["rows"] == 4
    assert version.origin["split"]["file"]["name"] == "more.csv"


def test_a_bad_second_file_is_named_beside_its_field(bob: Client) -> None:
    file = SimpleUploadedFile("more.csv", csv_bytes([("glad", "cheerful")]))
    page = bob.post(send(bob), CHOICES | {"split_by": "file", "eval_file": file})
    assert "Only evaluation rows have the label" in page.content.decode()
    file = SimpleUploadedFile("more.csv", b"\xff\xfe\x00")
    page = bob.post(send(bob), CHOICES | {"split_by": "file", "eval_file": file})
    assert page.status_code == 422
    assert "UTF-16" in page.content.decode()


def test_images_by_folder(bob: Client) -> None:
    address = send(bob, image_folders(*(f"{label}/{n}.png" for label in ("cat", "dog") for n in range(3))), "pets.zip")
    page = bob.get(address).content.decode()
    assert "data:image/png;base64," in page
    assert "6 × 4" in page
    bob.post(address, CHOICES | {"name": "Pets", "input_column": "image"})
    version = DatasetVersion.objects.get()
    assert version.dataset.task == "image-classification"
    assert b"data:image/png;base64," in bob.get(f"{LIST}{version.dataset.public_id}/").content


def test_a_bad_file_says_why_and_offers_another_try(bob: Client) -> None:
    page = bob.get(send(bob, b"text,label\ncaf\xe9,pos\n", "bad.csv"))
    assert page.status_code == 200
    assert "Line 2 is not UTF-8" in page.content.decode()
    assert NEW in page.content.decode()


def test_a_refused_choice_comes_back_beside_its_field(bob: Client) -> None:
    page = bob.post(send(bob), CHOICES | {"label_column": "text", "name": "Kept name"})
    assert page.status_code == 422
    assert "The input and the label can&#x27;t be the same column" in page.content.decode()
    assert 'value="Kept name"' in page.content.decode()
    assert not DatasetVersion.objects.exists()


def test_incomplete_rows_are_offered_to_be_left_out(bob: Client) -> None:
    address = send(bob, csv_bytes([*FOUR, ("", "pos")]))
    assert "Line 6 has nothing in the column" in bob.get(address).content.decode()
    page = bob.post(address, CHOICES | {"act": "update", "drop_incomplete": "on"})
    assert "1 incomplete row left out" in page.content.decode()


def test_a_taken_name_is_refused(bob: Client) -> None:
    bob.post(send(bob), CHOICES)
    page = bob.post(send(bob), CHOICES | {"split_seed": "9"})
    assert page.status_code == 422
    assert "has &#x27;Films&#x27; already" in page.content.decode()


def test_a_version_has_its_data_sets_task(bob: Client) -> None:
    bob.post(send(bob), CHOICES)
    query = f"?dataset={Dataset.objects.get().public_id}"
    page = bob.get(send(bob, image_folders("a/1.png", "b/1.png"), "x.zip", query))
    assert page.status_code == 200
    assert "Films is for text classification, and this file is for image classification" in page.content.decode()


def test_a_file_larger_than_the_server_takes(bob: Client, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 10
    page = bob.post(NEW, {"file": SimpleUploadedFile("x.csv", csv_bytes(FOUR))})
    assert page.status_code == 422
    assert "HPWEB_MAX_UPLOAD_MB" in page.content.decode()


def test_package_data(cast: Cast, bob: Client) -> None:
    assert b"Which language is this?" in bob.get(NEW).content
    address = f"{NEW}package/language-id/"
    assert b"Near languages are harder to tell apart" in bob.get(address).content
    data = {
        "name": "Two",
        "languages": ["sv", "da"],
        "max_per_language": "20",
        "min_chars": "20",
        "eval_percent": "25",
        "split_seed": "1",
    }
    answer = bob.post(address, data)
    version = DatasetVersion.objects.get()
    assert answer["Location"] == f"/library/versions/{version.public_id}/"
    assert version.summary["train"]["labels"] == {"da": 15, "sv": 15}
    page = bob.post(address, data | {"languages": ["sv"], "name": "One"})
    assert page.status_code == 422
    assert "at least two languages" in page.content.decode()
    assert bob.get(f"{NEW}package/nothing/").status_code == 404
    assert b"language-id" in bob.get(f"{LIST}{version.dataset.public_id}/").content


HUB = {"name": "Hub", "task": "text-classification", "id": "owner/name", "train_split": "train", "input_column": "text",
       "label_column": "label", "eval_percent": "20", "split_seed": "0"}  # fmt: skip


def test_a_hub_id(bob: Client) -> None:
    assert b"refuses the sweep before its first trial" in bob.get(f"{NEW}hub/").content
    bob.post(f"{NEW}hub/", HUB | {"revision": "abc", "eval_split": "test", "eval_percent": "30"})
    version = DatasetVersion.objects.get()
    assert version.spec == {
        "source": "hub", "id": "owner/name", "config": None, "revision": "abc", "train_split": "train", "eval_split": "test",
        "eval_fraction": 0.2, "split_seed": 0, "input_column": "text", "label_column": "label",
        "columns": {},
    }  # fmt: skip
    assert re.fullmatch("[0-9a-f]{64}", version.digest)
    page = bob.get(f"{LIST}{version.dataset.public_id}/").content.decode()
    assert "A runner loads this data set from the Hub" in page
    assert "train and test" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": "../../etc"}, "is no data set id. Write it as on the Hub"),
        ({"id": "https://huggingface.co/x/y"}, "is no data set id"),
        ({"id": ""}, "This field is required"),
        ({"label_column": "text"}, "be the same column"),
        ({"eval_split": "train"}, "use the same split"),
        ({"eval_percent": "100"}, "less than or equal to 90"),
        ({"split_seed": str(2**32)}, "less than or equal to 4294967295"),
        ({"task": "poetry"}, "Select a valid choice"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_a_bad_hub_id_is_refused(bob: Client, change: dict[str, str], sentence: str) -> None:
    page = bob.post(f"{NEW}hub/", HUB | change)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not Dataset.objects.exists()


def test_name_and_description_change_and_nothing_else(cast: Cast, bob: Client) -> None:
    version = create_package_dataset(team=cast.team, user=cast.bob, key="digits")
    address = f"{LIST}{version.dataset.public_id}/edit/"
    assert b"Handwritten digits" in bob.get(address).content
    bob.post(address, {"name": "Digits", "description": "Old"})
    version.dataset.refresh_from_db()
    assert (version.dataset.name, version.dataset.description) == ("Digits", "Old")
    assert bob.post(address, {"name": " "}).status_code == 422


def test_deleting_keeps_what_a_frozen_spec_names(cast: Cast, bob: Client) -> None:
    version = create_package_dataset(team=cast.team, user=cast.bob, key="digits")
    frozen = create_package_dataset(
        team=cast.team, user=cast.bob, key="language-id", dataset=None, options={"max_per_language": 5}
    )
    running = make_sweep(cast.team, state="running", dataset_version=version, spec={"data": version.spec})
    make_sweep(cast.team, state="complete", dataset_version=frozen, spec={"data": frozen.spec})
    address = f"{LIST}{version.dataset.public_id}/delete/"
    assert b"Delete Handwritten digits?" in bob.get(address).content
    page = bob.post(address)
    assert page.status_code == 409
    assert "still uses it. Stop the sweep first, or wait." in page.content.decode()
    running.delete()
    assert bob.post(address)["Location"] == LIST
    assert bob.post(f"{LIST}{frozen.dataset.public_id}/delete/")["Location"] == LIST
    assert not Dataset.objects.exists()
    kept = {row.sha256 for row in Artifact.objects.all()}
    assert kept == {frozen.spec["train"]["sha256"], frozen.spec["eval"]["sha256"]}


@pytest.fixture
def pages(cast: Cast) -> Callable[[], list[str]]:
    def made() -> list[str]:
        version = create_package_dataset(team=cast.team, user=cast.bob, key="digits")
        root = f"{LIST}{version.dataset.public_id}/"
        return [
            root,
            f"/library/versions/{version.public_id}/",
            f"{root}edit/",
            f"{root}delete/",
            f"{NEW}?dataset={version.dataset.public_id}",
        ]

    return made


def test_for_a_stranger_it_does_not_exist(cast: Cast, client: Client, pages: Callable[[], list[str]]) -> None:
    addresses = pages()
    client.force_login(cast.charlie)
    assert [client.get(address).status_code for address in addresses] == [404] * 5
    assert [client.post(address).status_code for address in addresses[2:]] == [404] * 3


def test_a_viewer_looks_and_makes_nothing(cast: Cast, client: Client, pages: Callable[[], list[str]]) -> None:
    addresses = pages()
    client.force_login(cast.vera)
    assert [client.get(address).status_code for address in addresses] == [200, 200, 403, 403, 403]
    assert client.get(LIST).status_code == 200
    assert b"Use in a sweep" not in client.get(addresses[0]).content
    for address in (NEW, f"{NEW}hub/", f"{NEW}package/digits/"):
        assert client.post(address, HUB).status_code == 403
    assert Dataset.objects.count() == 1


def test_nobody_maps_anothers_upload(cast: Cast, bob: Client) -> None:
    address = send(bob)
    for user in (cast.alice, cast.charlie):
        client = Client()
        client.force_login(user)
        assert client.get(address).status_code == 404
        assert client.post(address, CHOICES).status_code == 404


def test_an_upload_does_not_change_teams(cast: Cast, bob: Client) -> None:
    elsewhere = make_team("Elsewhere", owner=cast.bob)
    version = create_package_dataset(team=elsewhere, user=cast.bob, key="language-id", options={"max_per_language": 4})
    address = send(bob).split("?")[0]
    assert bob.get(f"{address}?dataset={version.dataset.public_id}").status_code == 404


def test_the_list_asks_as_much_for_one_as_for_three(cast: Cast, bob: Client) -> None:
    counts = []
    for number in range(3):
        create_package_dataset(
            team=cast.team,
            user=cast.bob,
            key="language-id",
            name=f"L{number}",
            options={"max_per_language": 4 + number},
        )
        with CaptureQueriesContext(connection) as caught:
            assert bob.get(LIST).status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[2] <= 7


@pytest.mark.parametrize("garbage", [{"split_by": "magic"}, {"input_column": "nowhere"}, {"eval_percent": "nan"}, {"eval_percent": "1e400"},
                                     {"split_seed": "-1"}, {"eval_upload": "x" * 12, "split_by": "file"}, {"split_column": "text", "split_by": "column"},
                                     {"name": "a\x00b"}, {"name": "x" * 101}, {"split_by": ""}, {"split_by": "column", "split_column": "nowhere"}])  # fmt: skip
def test_garbage_is_refused_and_never_breaks(bob: Client, garbage: dict[str, str]) -> None:
    for act in ("", "update"):
        answer = bob.post(send(bob), CHOICES | garbage | {"act": act})
        assert answer.status_code in {200, 404, 422}
        assert answer.status_code != 200 or act == "update"
    assert not DatasetVersion.objects.exists()


def test_names_of_addresses() -> None:
    assert reverse("library:dataset-list") == LIST
    assert reverse("library:dataset-create") == NEW


def test_a_preview_asks_for_no_name_but_says_that_one_is_needed(bob: Client) -> None:
    page = bob.post(send(bob), CHOICES | {"act": "update", "name": ""}).content.decode()
    assert "This field is required" not in page
    assert 'Name<span class="required"' in page
