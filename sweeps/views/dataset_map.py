"""The mapping page of an uploaded file."""

import re
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from sweeps import access
from sweeps.forms.dataset_mapping import MappingForm, completed, proposal_data
from sweeps.models import Dataset, Upload
from sweeps.queries.datasets import label_rows, most_rows, row_counts
from sweeps.services.datasets import BadData, create_upload_version, load_table, map_upload
from sweeps.services.datasets.mapping import Mapped
from sweeps.services.datasets.propose import describe, propose
from sweeps.services.datasets.roles import tasks_for
from sweeps.services.datasets.table import Table
from sweeps.services.uploads import UploadError
from sweeps.validation.problems import Invalid
from sweeps.views.dataset_create import made, take_file
from sweeps.views.typed_request import person


@require_http_methods(["GET", "HEAD", "POST"])
def dataset_map(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET: the proposal. POST with `act=update`: a choice was made. Else POST makes the version."""
    upload = access.get_upload(request.user, public_id)
    dataset = _dataset(request, upload)
    try:
        table = load_table(upload=upload)
        if dataset and dataset.task not in tasks_for(table.holds):
            fits = tasks_for(table.holds)[0].replace("-", " ")
            raise BadData(
                f"{dataset.name} is for {dataset.get_task_display().lower()}, and this file is for {fits}. "
                "Make a new data set of it."
            )
    except BadData as error:
        context = {"message": error.message, "upload": upload, "dataset": dataset}
        # Looking at an upload is no refused request: what is refused is the file.
        return render(request, "library/dataset_refused.html", context, status=422 if request.method == "POST" else 200)
    columns = describe(table)
    saving = request.method == "POST" and request.POST.get("act") != "update"
    if request.method == "POST":
        data = completed(request.POST, table, columns, dataset)
    else:
        data = QueryDict(mutable=True)
        data.update(
            proposal_data(propose(table, columns, task=dataset.task if dataset else ""), name=_name(upload.filename))
        )
    form = MappingForm(data, request.FILES or None, table=table, columns=columns, dataset=dataset, draft=not saving)
    evaluation = _second_file(request, form, data, upload)
    mapped: Mapped | None = None
    if form.is_valid():
        try:
            if saving:
                version = create_upload_version(
                    user=person(request),
                    upload=upload,
                    mapping=form.mapping(),
                    eval_upload=evaluation,
                    dataset=dataset,
                    name=form.cleaned_data.get("name", ""),
                    description=form.cleaned_data.get("description", ""),
                )
                return made(request, version)
            mapped = map_upload(upload=upload, mapping=form.mapping(), eval_upload=evaluation)
        except BadData as error:
            form.refuse_data(error)
        except Invalid as refused:
            form.refuse(refused.problems)
    context = {
        "form": form,
        "upload": upload,
        "dataset": dataset,
        "table": table,
        "columns": columns,
        "evaluation": evaluation,
        **_shown(table, mapped),
    }
    return render(request, "library/dataset_map.html", context, status=422 if saving else 200)


def _shown(table: Table, mapped: Mapped | None) -> dict[str, Any]:
    """What the mapping would make, for the page."""
    if mapped is None:
        return {"mapped": None, "rows_read": table.rows}
    summary = mapped.summary()
    return {
        "mapped": mapped,
        "rows_read": table.rows,
        "labels": label_rows(summary),
        "most": most_rows(summary),
        "counts": row_counts(summary),
        "preview": mapped.preview(),
    }


def _dataset(request: HttpRequest, upload: Upload) -> Dataset | None:
    """The data set that gets a version, if one is named. Things are made in the upload's team."""
    if not access.may_write_in(request.user, upload.team):
        raise PermissionDenied(access.NO_WRITE)
    public_id = request.GET.get("dataset", "")
    if not public_id:
        return None
    dataset = access.get_dataset(request.user, public_id, write=True)
    if dataset.team != upload.team:
        raise Http404
    return dataset


def _second_file(request: HttpRequest, form: MappingForm, data: QueryDict, upload: Upload) -> Upload | None:
    """The file with the evaluation rows: sent with this form, or sent before and named in it."""
    if "eval_upload" not in form.fields:
        return None
    file = request.FILES.get("eval_file")
    if file is not None:
        try:
            found = take_file(request, upload.team, file)
        except UploadError as error:
            form.full_clean()
            form.add_error("eval_file", error.message)
            return None
        data["eval_upload"] = found.public_id
        return found
    named = str(data.get("eval_upload", ""))
    if not named:
        return None
    second = access.get_upload(request.user, named)
    if second.team != upload.team:
        raise Http404
    return second


def _name(filename: str) -> str:
    """A name proposed for a data set, from its file's: `movie_reviews.csv` → `movie reviews`."""
    stem = re.sub(
        r"(\.(csv|tsv|tab|txt|conll|bio|iob2?|jsonl?|ndjson|parquet|zip))+$", "", filename, flags=re.IGNORECASE
    )
    return re.sub(r"[_\s]+", " ", stem).strip()[:100]
