"""Skeleton."""

from django.http import HttpRequest, HttpResponse


def sweep_detail(request: HttpRequest, public_id: str = "") -> HttpResponse:
    return HttpResponse("")
