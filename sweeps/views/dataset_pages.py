"""Data sets of the library: the list, a version, the name, the end."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from sweeps import access
from sweeps.forms.dataset import DatasetForm
from sweeps.models import Dataset, DatasetVersion
from sweeps.queries import datasets as queries
from sweeps.services.datasets import delete_dataset, rename_dataset
from sweeps.validation.problems import Invalid
from sweeps.views.typed_request import team_request

PAGE = 50


@require_safe
def dataset_list(request: HttpRequest) -> HttpResponse:
    membership = team_request(request).membership
    page = Paginator(queries.datasets_of(access.reading_team(membership)), PAGE).get_page(request.GET.get("page"))
    rows = []
    for dataset in page:
        newest = next(iter(dataset.versions.all()), None)
        rows.append((dataset, newest, queries.row_counts(newest.summary) if newest else None))
    context = {"page_obj": page, "rows": rows, "can_edit": access.may_write(membership)}
    return render(request, "library/dataset_list.html", context)


@require_safe
def dataset_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    """The newest version."""
    dataset = access.get_dataset(request.user, public_id)
    return _page(request, dataset, dataset.versions.order_by("-number").first())


@require_safe
def version_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    """A version by its own id, for links that stay true."""
    version = access.get_version(request.user, public_id)
    return _page(request, version.dataset, version)


@require_http_methods(["GET", "HEAD", "POST"])
def dataset_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    dataset = access.get_dataset(request.user, public_id, write=True)
    initial = {"name": dataset.name, "description": dataset.description}
    form = DatasetForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            rename_dataset(dataset=dataset, **form.cleaned_data)
        except Invalid as refused:
            form.refuse(refused.problems)
        else:
            messages.success(request, f"{dataset.name} is saved.")
            return redirect("library:dataset-detail", public_id)
    context = {"form": form, "dataset": dataset}
    return render(request, "library/dataset_edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def dataset_delete(request: HttpRequest, public_id: str) -> HttpResponse:
    dataset = access.get_dataset(request.user, public_id, write=True)
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            delete_dataset(dataset=dataset)
        except Invalid as refused:
            problems = tuple(problem.message for problem in refused.problems)
        else:
            messages.success(request, f"{dataset.name} is deleted.")
            return redirect("library:dataset-list")
    context = {"dataset": dataset, "problems": problems, "drafts": queries.draft_users(dataset)}
    return render(request, "library/dataset_delete.html", context, status=409 if problems else 200)


def _page(request: HttpRequest, dataset: Dataset, version: DatasetVersion | None) -> HttpResponse:
    summary = version.summary if version else {}
    context = {
        "dataset": dataset,
        "version": version,
        "versions": queries.versions_of(dataset),
        "origin": queries.origin_words(version) if version else [],
        "labels": queries.label_rows(summary),
        "most": queries.most_rows(summary),
        "counts": queries.row_counts(summary),
        "preview": version.preview if version else [],
        "sweeps": queries.sweeps_with(dataset),
        "can_edit": access.may_change(request.user, dataset),
        "can_make": access.may_write_in(request.user, dataset.team),
    }
    return render(request, "library/dataset_detail.html", context)
