"""Addresses of the API that lead nowhere: JSON there too, whatever the method."""

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class LostView(APIView):
    """404 for those who are logged in."""

    schema = None

    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002  DRF's signature
        raise Http404

    post = put = patch = delete = get
