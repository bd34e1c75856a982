"""The sweep form: skeleton."""

from django.http import HttpRequest, HttpResponse


def create(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def edit(request: HttpRequest, public_id: str) -> HttpResponse:
    return HttpResponse("")
