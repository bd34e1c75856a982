"""The frame of a sweep over HTTP: encoded once for all who ask at the same position."""

import json
from functools import lru_cache
from typing import Final

import brotli
from django.http import HttpResponse, HttpResponseNotModified
from rest_framework.request import Request
from rest_framework.views import APIView

from sweeps.access import get_sweep
from sweeps.models import Sweep
from sweeps.queries.frame import Frame, frame
from sweeps.queries.snapshot import position_of

KEPT: Final = 32
"""So many frames are kept encoded. One of 10,000 trials and 8 parameters is about 0.3 MB."""
QUALITY: Final = 5
"""Brotli's: above it each step takes twice the time for a few percent."""


class FrameView(APIView):
    """GET: every trial as columns, in order of number. 304 where nothing has changed."""

    gives = {"GET": Frame}

    def get(self, request: Request, public_id: str) -> HttpResponse:
        sweep = get_sweep(request.user, public_id)
        position = position_of(sweep)
        encoding = "br" if "br" in request.headers.get("Accept-Encoding", "") else ""
        tag = f'"{position}{encoding}"'
        answer: HttpResponse
        if request.headers.get("If-None-Match") == tag:
            answer = HttpResponseNotModified()
        else:
            answer = HttpResponse(_encoded(sweep.public_id, position, encoding), content_type="application/json")
            if encoding:
                answer["Content-Encoding"] = encoding
        answer["ETag"] = tag
        answer["Cache-Control"] = "private, no-cache"
        answer["Vary"] = "Accept-Encoding, Cookie"
        return answer


@lru_cache(maxsize=KEPT)
def _encoded(public_id: str, position: int, encoding: str) -> bytes:  # noqa: ARG001  the position is for the cache
    text = json.dumps(frame(Sweep.objects.get(public_id=public_id)), separators=(",", ":"), allow_nan=False).encode()
    return bytes(brotli.compress(text, quality=QUALITY)) if encoding else text
