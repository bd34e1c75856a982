"""Skeleton."""

from django.http import HttpRequest, HttpResponse


def start(request: HttpRequest, public_id: str) -> HttpResponse:
    return HttpResponse("")


stop = cancel = clone = model_download = start
