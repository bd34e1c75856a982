"""Reading what a program sent: one shape, or 400 with every field that is wrong."""

import json
from collections.abc import Collection
from typing import Any, Final, TypeVar, cast

from pydantic import ValidationError
from rest_framework import exceptions
from rest_framework.request import Request

from runners.protocol.base import Message
from sweeps.services.control import NotNow
from sweeps.validation.problems import Invalid, from_pydantic

Shape = TypeVar("Shape", bound=Message)
NUL: Final = "\\u0000"
OWN: Final = frozenset({"", "name", "description", "task"})
"""Fields that stand in the body itself."""
TAGS: Final = ("int", "float", "str", "bool")
"""pydantic names the kind of a value in the path of what is wrong with it."""


class Conflict(exceptions.APIException):
    """409: the verb does not fit the state of the sweep or trial."""

    status_code = 409
    default_code = "not_now"


def read(request: Request, shape: type[Shape], tags: Collection[str] = (), kinds: Collection[str] = ()) -> Shape:
    """The request's body as `shape`; nothing at all is the empty body.

    `tags`: further words to leave out of paths. `kinds`: of `source`, where they are names of its fields too.
    """
    data: Any = request.data or {}
    if hasattr(data, "dict"):
        data = data.dict()
    # PostgreSQL keeps no NUL, neither in text nor in JSON.
    if NUL in json.dumps(data, default=str):
        raise exceptions.ValidationError({"": ["A NUL character can't be stored: take it out."]})
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        fields: dict[str, list[str]] = {}
        for problem in from_pydantic(error, tags=(*TAGS, *tags)):
            path = problem.path
            for kind in kinds:
                path = path.replace(f"source.{kind}.", "source.", 1)
            sentences = fields.setdefault(path, [])
            if problem.message not in sentences:
                sentences.append(problem.message)
        raise exceptions.ValidationError(cast("dict[str, Any]", fields)) from None


class Refusals:
    """`with Refusals():` what a service refuses becomes the API's answer.

    `of`: the field of the body whose inside the service's paths name, as in `space.parameters.0.low`; those of `own` are
    the body's.
    """

    def __init__(self, of: str = "", own: Collection[str] = OWN) -> None:
        self._of = of
        self._own = own

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, NotNow):
            raise Conflict(str(error)) from None
        if isinstance(error, Invalid):
            fields = {self._path(path): sentences for path, sentences in error.fields().items()}
            raise exceptions.ValidationError(cast("dict[str, Any]", fields)) from None

    def _path(self, path: str) -> str:
        return path if not self._of or path in self._own else f"{self._of}.{path}"
