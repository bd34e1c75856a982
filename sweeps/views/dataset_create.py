"""Where a data set comes from: a file, a package, the Hub."""

from django.contrib import messages
from django.core.files import File
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from runners.protocol.catalogue import catalogue
from sweeps import access
from sweeps.forms.dataset import HubForm, PackageForm, UploadForm
from sweeps.models import Dataset, DatasetVersion, Upload
from sweeps.services.datasets import BadData, create_hub_version, create_package_dataset
from sweeps.services.datasets.packages import PACKAGES
from sweeps.services.uploads import CHUNK_BYTES, UploadError, append_chunk, discard_upload, start_upload
from sweeps.validation.problems import Invalid
from sweeps.views.typed_request import person, team_request
from teams.models import Team


@require_http_methods(["GET", "HEAD", "POST"])
def dataset_create(request: HttpRequest) -> HttpResponse:
    """Choose where the data comes from; POST takes a whole file, from browsers without JavaScript."""
    team, dataset = where(request)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        try:
            upload = take_file(request, team, form.cleaned_data["file"])
        except UploadError as error:
            form.add_error("file", error.message)
        else:
            return redirect(map_url(upload.public_id, dataset))
    context = {
        "form": form,
        "dataset": dataset,
        "packages": [
            package
            for package in PACKAGES.values()
            if catalogue().task(package.task) and (not dataset or package.task == dataset.task)
        ],
        "next": map_url("ID", dataset),
        "query": _query(dataset),
    }
    return render(request, "library/dataset_create.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def dataset_package(request: HttpRequest, key: str) -> HttpResponse:
    team, dataset = where(request)
    package = PACKAGES.get(key)
    if package is None or (dataset and dataset.task != package.task):
        raise Http404
    form = PackageForm(request.POST if request.method == "POST" else None, package=package, dataset=dataset)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            version = create_package_dataset(
                team=team,
                user=person(request),
                key=key,
                name=data.get("name"),
                description=data.get("description"),
                dataset=dataset,
                eval_fraction=data["eval_percent"] / 100,
                split_seed=data["split_seed"],
                options=form.options(),
            )
        except Invalid as refused:
            form.refuse(refused.problems)
        except BadData as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            return made(request, version)
    context = {"form": form, "package": package, "dataset": dataset, "query": _query(dataset)}
    return render(request, "library/dataset_package.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def dataset_hub(request: HttpRequest) -> HttpResponse:
    team, dataset = where(request)
    form = HubForm(request.POST if request.method == "POST" else None, dataset=dataset)
    if request.POST.get("act") == "update":
        # A task was chosen: its columns, with their usual names, nothing judged.
        fields = {role.field for role in form.layout.roles} if form.layout else set()
        form = HubForm(
            dataset=dataset, initial={name: value for name, value in request.POST.items() if name not in fields}
        )
    elif form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            version = create_hub_version(
                team=team,
                user=person(request),
                task=form.chosen_task,
                data=data["data"],
                name=data.get("name", ""),
                description=data.get("description", ""),
                dataset=dataset,
            )
        except Invalid as refused:
            form.refuse(refused.problems)
        else:
            return made(request, version)
    context = {"form": form, "dataset": dataset, "query": _query(dataset)}
    return render(request, "library/dataset_hub.html", context, status=422 if form.errors else 200)


def where(request: HttpRequest) -> tuple[Team, Dataset | None]:
    """The team to make something in, and the data set that is to get a version, named by `?dataset=`."""
    public_id = request.GET.get("dataset", "")
    if public_id:
        dataset = access.get_dataset(request.user, public_id, write=True)
        return dataset.team, dataset
    return access.writing_team(team_request(request).membership), None


def take_file(request: HttpRequest, team: Team, file: "File[bytes]") -> Upload:
    """A file of a plain form becomes an upload like any other. Raises UploadError."""
    upload = start_upload(team=team, user=person(request), kind="dataset", filename=file.name or "", size=file.size)
    offset = 0
    try:
        for block in file.chunks(CHUNK_BYTES):
            append_chunk(upload=upload, offset=offset, data=block)
            offset += len(block)
    except UploadError:
        discard_upload(upload=upload)
        raise
    return upload


def made(request: HttpRequest, version: DatasetVersion) -> HttpResponse:
    """Go to the version that was made, or to the same one that was there."""
    messages.success(request, f"{version.dataset.name}, version {version.number}, is ready.")
    return redirect("library:dataset-version", version.public_id)


def map_url(upload: str, dataset: Dataset | None) -> str:
    return reverse("library:dataset-map", args=[upload]) + _query(dataset)


def _query(dataset: Dataset | None) -> str:
    return f"?dataset={dataset.public_id}" if dataset else ""
