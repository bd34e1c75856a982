"""Data sets for programs."""

from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from runners.protocol.base import Message
from sweeps.access import get_dataset, get_upload, get_version
from sweeps.api.bodies import Refusals, read
from sweeps.api.library.lists import ASKS, wanted
from sweeps.api.library.models import Words
from sweeps.api.library.shown import (
    DatasetPage,
    ShownDataset,
    ShownPreview,
    shown_dataset,
    shown_version,
)
from sweeps.api.library.sources import Source, make_version, proposed
from sweeps.api.ranges import artifact_response
from sweeps.api.shared import chosen_fields, pages
from sweeps.api.shared.etags import TaggedView, held, version_tag
from sweeps.api.shared.once import creates_slowly
from sweeps.api.shared.requests import person, team_to_write
from sweeps.models import Artifact, Dataset
from sweeps.services.datasets import BadData, delete_dataset, load_table, rename_dataset
from sweeps.services.datasets.propose import describe

KINDS: Final = ("upload", "package", "hub")
OWN: Final = ("", "name", "description")


class NewDataset(Message):
    """`source`: where the rows of its first version come from."""

    name: str
    source: Source
    description: Words = ""


class NewVersion(Message):
    """`source`: where the rows come from. Rows that are there already are the version that has them."""

    source: Source


class DatasetPatch(Message):
    """What is to be otherwise. Versions never change."""

    name: str | None = None
    description: Words | None = None


class Column(TypedDict):
    """Of an uploaded file. `distinct`: different values, null where there are too many to be labels."""

    name: str
    media: str
    distinct: int | None
    missing: int
    samples: list[str]


class Proposal(TypedDict):
    """What the columns look like: role → column, and how the rows might be split."""

    layout: str
    columns: dict[str, str]
    separator: str
    split: dict[str, str | float]


class Columns(TypedDict):
    rows: int
    columns: list[Column]
    proposal: Proposal


class DatasetsView(TaggedView):
    """GET: the data sets of the team's library, the newest first. POST: make one with its first version.

    The source is an upload (see `uploads/`), data of one of the server's packages, or a data set of the Hub.
    """

    takes = {"POST": NewDataset}
    gives = {"GET": DatasetPage, "POST": ShownDataset}
    asks = {"GET": ASKS}

    def get(self, request: Request) -> Response:
        found, more = pages.page(request, wanted(request, _with_versions()))
        rows = chosen_fields.choose(request, map(shown_dataset, found), ShownDataset)
        return Response({"datasets": rows, "next": more})

    @creates_slowly
    def post(self, request: Request) -> Response:
        team = team_to_write(request)
        asked = read(request, NewDataset, kinds=KINDS)
        with Refusals("source", OWN):
            version = make_version(
                team=team,
                user=person(request),
                source=asked.source,
                name=asked.name,
                description=asked.description,
            )
        return _told(version.dataset.public_id, 201)


class DatasetView(TaggedView):
    """GET: the data set with its versions. PATCH: its name and description. DELETE: take it away; not while a sweep under way uses it.

    With `If-Match` a change or deletion is refused (412) where somebody else has changed the data set since.
    """

    takes = {"PATCH": DatasetPatch}
    gives = {"GET": ShownDataset, "PATCH": ShownDataset}
    asks = {"GET": chosen_fields.ASKS}
    matches = True

    def get(self, request: Request, public_id: str) -> Response:
        get_dataset(request.user, public_id)
        dataset = _with_versions().get(public_id=public_id)
        row = chosen_fields.choose_one(request, shown_dataset(dataset), ShownDataset)
        return Response(row, headers={"ETag": version_tag(dataset)})

    def patch(self, request: Request, public_id: str) -> Response:
        get_dataset(request.user, public_id, write=True)
        asked = read(request, DatasetPatch)
        with Refusals(), transaction.atomic():
            dataset = held(request, Dataset.objects.all(), public_id)
            rename_dataset(
                dataset=dataset,
                name=dataset.name if asked.name is None else asked.name,
                description=dataset.description if asked.description is None else asked.description,
            )
        return _told(public_id, 200)

    def delete(self, request: Request, public_id: str) -> Response:
        dataset = get_dataset(request.user, public_id, write=True)
        with transaction.atomic():
            held(request, Dataset.objects.all(), public_id)
        with Refusals():
            delete_dataset(dataset=dataset)
        return Response(status=204)


class DatasetVersionsView(APIView):
    """POST: the data set's next version; the answer is the data set."""

    takes = {"POST": NewVersion}
    gives = {"POST": ShownDataset}

    @creates_slowly
    def post(self, request: Request, public_id: str) -> Response:
        dataset = get_dataset(request.user, public_id, write=True)
        asked = read(request, NewVersion, kinds=KINDS)
        with Refusals("source", OWN):
            make_version(team=dataset.team, user=person(request), source=asked.source, dataset=dataset)
        return _told(public_id, 201)


class VersionView(TaggedView):
    """GET: a version with the first rows of each split."""

    gives = {"GET": ShownPreview}
    asks = {"GET": chosen_fields.ASKS}

    def get(self, request: Request, public_id: str) -> Response:
        version = get_version(request.user, public_id)
        row: ShownPreview = {**shown_version(version), "preview": version.preview}
        return Response(chosen_fields.choose_one(request, row, ShownPreview))


class VersionFileView(APIView):
    """GET: the version's rows of a split, `train` or `eval`, as Parquet. `Range` is honoured. 404 where a runner loads them."""

    binary = {"GET": "application/vnd.apache.parquet"}

    def get(self, request: Request, public_id: str, split: str) -> HttpResponseBase:
        version = get_version(request.user, public_id)
        named = version.spec.get(split) if split in {"train", "eval"} else None
        if not isinstance(named, dict):
            raise Http404
        artifact = Artifact.objects.filter(team=version.dataset.team, sha256=named.get("sha256")).first()
        if artifact is None:
            raise Http404
        answer = artifact_response(artifact, request.headers.get("Range", ""))
        answer["Content-Disposition"] = f'attachment; filename="{version.public_id}-{split}.parquet"'
        return answer


class UploadColumnsView(APIView):
    """GET: the columns of a finished upload, and which is probably what."""

    gives = {"GET": Columns}

    def get(self, request: Request, public_id: str) -> Response:
        upload = get_upload(request.user, public_id)
        try:
            table = load_table(upload=upload)
            guess = proposed(upload)
        except BadData as error:
            raise exceptions.ValidationError({error.field: [error.message]}) from None
        columns = [
            Column(
                name=fact.name,
                media=fact.media,
                distinct=fact.distinct,
                missing=fact.missing,
                samples=list(fact.samples),
            )
            for fact in describe(table)
        ]
        proposal = Proposal(
            layout=guess.layout, columns=guess.chosen, separator=guess.separator, split=guess.split.facts()
        )
        return Response(Columns(rows=table.rows, columns=columns, proposal=proposal))


def _with_versions() -> QuerySet[Dataset]:
    return Dataset.objects.select_related("team", "created_by").prefetch_related("versions__dataset")


def _told(public_id: str, code: int) -> Response:
    dataset = _with_versions().get(public_id=public_id)
    return Response(shown_dataset(dataset), status=code, headers={"ETag": version_tag(dataset)})
