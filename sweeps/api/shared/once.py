"""`Idempotency-Key`: a request that makes something, sent again, is answered again and makes nothing.

The key is a person's. It is written in the transaction that makes the thing, so both are there or none: of two requests
at the same time one waits for the other. What is refused leaves no key. Work that takes long, and must not hold the
database, claims the key before it begins; such a claim ends by itself when its process has died.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from sweeps.models.answered import ANSWER_AGE, GivenAnswer
from teams.models import User

Parts = ParamSpec("Parts")
View = TypeVar("View")
Method = Callable[Concatenate[View, Request, Parts], Response]

CLAIMED: Final = timedelta(minutes=15)
"""So long a request may work under its key before it counts as dead."""
HEADER: Final = "Idempotency-Key"
MOST: Final = 200


class KeyReused(exceptions.APIException):
    """422: the key came with something else before."""

    status_code = 422
    default_code = "key_reused"
    default_detail = f"This {HEADER} came with another request before. Make a new key for a new request."


class UnderWay(exceptions.APIException):
    """409: the first request with the key is not answered yet."""

    status_code = 409
    default_code = "under_way"
    default_detail = f"The first request with this {HEADER} is still worked on. Send it again in a moment."


def creates(method: Method[View, Parts]) -> Method[View, Parts]:
    """A method that makes something: once for each key."""
    return _wrapped(method, _in_one_transaction)


def creates_slowly(method: Method[View, Parts]) -> Method[View, Parts]:
    """As `creates`, for work that must not be one transaction."""
    return _wrapped(method, _after_a_claim)


def _wrapped(method: Method[View, Parts], way: Callable[..., Response]) -> Method[View, Parts]:
    @wraps(method)
    def answer(self: View, request: Request, /, *args: Parts.args, **kwargs: Parts.kwargs) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return method(self, request, *args, **kwargs)
        if not (0 < len(key) <= MOST and key.isascii() and key.isprintable()):
            raise exceptions.ValidationError({HEADER: [f"Give 1 to {MOST} printable ASCII characters."]})
        user = cast("User", request.user)
        GivenAnswer.objects.filter(user=user, key=key, created_at__lt=timezone.now() - ANSWER_AGE).delete()
        given = GivenAnswer(user=user, key=key, digest=_digest(request))
        return way(given, lambda: method(self, request, *args, **kwargs))

    answer.creates = True  # type: ignore[attr-defined]  # for the API's description
    return answer


def _in_one_transaction(given: GivenAnswer, act: Callable[[], Response]) -> Response:
    with transaction.atomic():
        known = _claim(given)
        if known is not None:
            return _again(known, given)
        answer = act()
        if answer.status_code >= 400:
            transaction.set_rollback(True)
        else:
            _keep(given, answer)
        return answer


def _after_a_claim(given: GivenAnswer, act: Callable[[], Response]) -> Response:
    dead = timezone.now() - CLAIMED
    GivenAnswer.objects.filter(user=given.user, key=given.key, code=0, created_at__lt=dead).delete()
    known = _claim(given)
    if known is not None:
        return _again(known, given)
    try:
        answer = act()
    except BaseException:
        given.delete()
        raise
    if answer.status_code >= 400:
        given.delete()
    else:
        _keep(given, answer)
    return answer


def _claim(given: GivenAnswer) -> GivenAnswer | None:
    """Write the key; or what is known under it."""
    try:
        with transaction.atomic():
            given.save(force_insert=True)
    except IntegrityError:
        return GivenAnswer.objects.get(user=given.user, key=given.key)
    return None


def _keep(given: GivenAnswer, answer: Response) -> None:
    given.code = answer.status_code
    given.body = JSONRenderer().render(answer.data).decode()
    given.save(update_fields=["code", "body"])


def _again(known: GivenAnswer, asked: GivenAnswer) -> Response:
    if known.digest != asked.digest:
        raise KeyReused
    if not known.code:
        raise UnderWay
    body: Any = json.loads(known.body) if known.body else None
    return Response(body, status=known.code, headers={"Idempotency-Replayed": "true"})


def _digest(request: Request) -> str:
    body: bytes = request._request.body  # noqa: SLF001  before a parser takes the stream
    said = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(said + body).hexdigest()
