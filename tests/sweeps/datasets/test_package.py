"""Data sets that packages carry."""

import io
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from runners.protocol.spec import ArtifactData
from sweeps.models import Artifact, Dataset, DatasetVersion
from sweeps.services.artifacts import open_artifact
from sweeps.services.datasets import create_package_dataset
from sweeps.services.datasets.packages import PACKAGES, language_id
from sweeps.services.datasets.problems import BadData
from sweeps.validation.problems import Invalid
from tests.factories import Cast


def read(version: DatasetVersion, split: str) -> list[dict[str, object]]:
    spec = ArtifactData.model_validate(version.spec)
    reference = getattr(spec, split)
    artifact = Artifact.objects.get(team=version.dataset.team, sha256=reference.sha256)
    with open_artifact(artifact) as file:
        rows: list[dict[str, object]] = pq.read_table(file.file).to_pylist()
    assert len(rows) == reference.rows
    assert artifact.size == reference.size
    return rows


def test_digits_are_scikit_learns_digits(cast: Cast) -> None:
    version = create_package_dataset(team=cast.team, user=cast.alice, key="digits")
    rows = read(version, "train") + read(version, "eval")
    assert len(rows) == 1797
    assert version.dataset.name == "Handwritten digits"
    assert version.dataset.task == "image-classification"
    assert version.spec["labels"] == list("0123456789")
    from sklearn.datasets import load_digits

    images, targets = load_digits(return_X_y=True)
    expected = Counter((tuple(image), int(target)) for image, target in zip(images, targets, strict=True))
    found: Counter[tuple[tuple[float, ...], int]] = Counter()
    for row in rows:
        with Image.open(io.BytesIO(row["image"])) as image:  # type: ignore[arg-type]  # the column is binary
            assert (image.format, image.mode, image.size) == ("PNG", "L", (8, 8))
            levels = tuple(round(level * 16 / 255) for level in image.tobytes())
        found[(levels, row["label"])] += 1  # type: ignore[index]  # the column is int64
    assert found == expected


def test_digits_are_split_by_class(cast: Cast) -> None:
    version = create_package_dataset(team=cast.team, user=cast.alice, key="digits")
    summary = version.summary
    assert (summary["train"]["rows"], summary["eval"]["rows"]) == (1438, 359)
    for label, count in summary["eval"]["labels"].items():
        whole = count + summary["train"]["labels"][label]
        assert abs(count - whole * 0.2) < 1


def test_language_id_is_clean_and_in_turn(cast: Cast) -> None:
    version = create_package_dataset(team=cast.team, user=None, key="language-id")
    rows = read(version, "train") + read(version, "eval")
    texts = [str(row["text"]) for row in rows]
    assert version.spec["labels"] == sorted(language_id.LANGUAGES)
    assert len(texts) > 2000
    assert len(set(texts)) == len(texts)
    assert all(len(text) >= 20 and text == text.strip() for text in texts)
    assert not [text for text in texts if "%(" in text or "<" in text or "{" in text]
    # Mixed, so that the first rows tell of the whole.
    assert len({row["label"] for row in read(version, "train")[:60]}) == len(language_id.LANGUAGES)


def test_the_same_choices_give_the_same_version_whoever_makes_it(cast: Cast) -> None:
    first = create_package_dataset(team=cast.team, user=cast.alice, key="language-id")
    again = create_package_dataset(team=cast.team, user=cast.bob, key="language-id", dataset=first.dataset)
    elsewhere = create_package_dataset(team=cast.other, user=cast.charlie, key="language-id")
    assert again == first
    assert elsewhere.digest == first.digest
    assert elsewhere != first
    assert {artifact.team for artifact in elsewhere.artifacts.all()} == {cast.other}


def test_another_seed_is_another_version(cast: Cast) -> None:
    first = create_package_dataset(team=cast.team, user=cast.alice, key="digits")
    second = create_package_dataset(team=cast.team, user=cast.alice, key="digits", dataset=first.dataset, split_seed=1)
    assert (first.number, second.number) == (1, 2)
    assert first.digest != second.digest
    assert first.dataset == second.dataset


def test_languages_can_be_chosen(cast: Cast) -> None:
    version = create_package_dataset(
        team=cast.team,
        user=None,
        key="language-id",
        name="Two",
        options={"languages": ["sv", "da"], "max_per_language": 50},
    )
    assert version.summary["train"]["labels"] == {"da": 40, "sv": 40}
    assert version.summary["eval"]["labels"] == {"da": 10, "sv": 10}
    assert version.origin["options"] == {"languages": ["sv", "da"], "max_per_language": 50, "min_chars": 20}


@pytest.mark.parametrize(
    ("key", "options", "sentence"),
    [
        ("nothing", {}, "There is no package data 'nothing'."),
        ("digits", {"size": 3}, "has no option 'size'"),
        ("language-id", {"languages": ["es"]}, "at least two languages"),
        ("language-id", {"languages": ["es", "tlh"]}, "no translation into tlh"),
        ("language-id", {"min_chars": 5000}, "Fewer than two sentences are left for ast, ca"),
    ],
)
def test_choices_that_leave_nothing_are_refused(
    cast: Cast, key: str, options: dict[str, object], sentence: str
) -> None:
    with pytest.raises(BadData, match=sentence):
        create_package_dataset(team=cast.team, user=None, key=key, options=options)
    assert not Dataset.objects.exists()


def test_a_name_is_taken_once_a_team(cast: Cast) -> None:
    create_package_dataset(team=cast.team, user=None, key="digits")
    with pytest.raises(Invalid, match="has 'Handwritten digits' already"):
        create_package_dataset(team=cast.team, user=None, key="digits")


def test_every_package_says_where_it_is_from() -> None:
    for data in PACKAGES.values():
        assert data.title
        assert data.source
        assert "licence" in data.source or "CC" in data.source


def test_translations_refuse_what_is_no_catalogue(tmp_path: Path) -> None:
    from sweeps.services.datasets.packages.messages import translations

    path = tmp_path / "x.mo"
    path.write_bytes(b"no catalogue at all, but long enough")
    with pytest.raises(ValueError, match="no catalogue"):
        translations(path)
