"""The first page."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse


def home(_request: HttpRequest) -> HttpResponse:
    """The team's sweeps are the home page."""
    return HttpResponseRedirect(reverse("sweeps:list"))
