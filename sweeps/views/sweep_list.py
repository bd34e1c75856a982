"""Skeleton."""

from django.http import HttpRequest, HttpResponse


def sweep_list(request: HttpRequest, public_id: str = "") -> HttpResponse:
    return HttpResponse("")
