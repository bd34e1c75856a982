"""What a sweep leaves behind, as files for programs: its best model, and its trials as a table."""

import itertools

from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.utils.text import slugify
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView

from sweeps.access import get_sweep
from sweeps.queries.table.columns import columns_of
from sweeps.queries.table.export import KINDS, exported
from sweeps.queries.table.filter.problem import FilterProblem
from sweeps.queries.table.look import read_look
from sweeps.services.download import model_archive
from sweeps.services.streaming import in_threads


class ModelFileView(APIView):
    """GET: the best model as a zip. 404 while there is none."""

    binary = {"GET": "application/zip"}

    def get(self, request: Request, public_id: str) -> HttpResponseBase:
        archive = model_archive(get_sweep(request.user, public_id))
        if archive is None:
            raise Http404
        answer = StreamingHttpResponse(in_threads(archive.chunks), content_type="application/zip")
        answer["Content-Length"] = str(archive.size)
        answer["Content-Disposition"] = f'attachment; filename="{archive.filename}"'
        return answer


class TrialsFileView(APIView):
    """GET: the trials as csv, json or parquet, with every column; filter and order as in the table's address."""

    binary = {"GET": "text/csv"}
    asks = {"q": "Only these trials, in the language of the table's filter.", "sort": "Their order, as in the table."}

    def get(self, request: Request, public_id: str, form: str) -> HttpResponseBase:
        sweep = get_sweep(request.user, public_id)
        if form not in KINDS:
            raise Http404
        pieces = exported(sweep, read_look(request.query_params), columns_of(sweep), form)
        try:
            first = next(pieces, b"")
        except FilterProblem as problem:
            raise exceptions.ValidationError({"q": [problem.message]}) from None
        answer = StreamingHttpResponse(in_threads(itertools.chain([first], pieces)), content_type=KINDS[form])
        answer["Content-Disposition"] = f'attachment; filename="{slugify(sweep.name) or "sweep"}-trials.{form}"'
        return answer
