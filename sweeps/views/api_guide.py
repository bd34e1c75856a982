"""The API's description for people, without any script of others."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sweeps.queries.api_guide.guide import guide


@require_safe
def api_guide(request: HttpRequest) -> HttpResponse:
    """Every address with what it takes and gives, and examples."""
    address = request.build_absolute_uri("/").rstrip("/")
    return render(request, "api/guide.html", {"subjects": guide(), "address": address})
