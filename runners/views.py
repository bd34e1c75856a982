"""Skeleton."""

from django.http import HttpRequest, HttpResponse


def runner_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")
