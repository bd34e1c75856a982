"""Reading what a program sent: one shape, or 400 with every field that is wrong."""

import json
from typing import Any, Final, TypeVar, cast

from pydantic import ValidationError
from rest_framework import exceptions
from rest_framework.request import Request

from runners.protocol.base import Message
from sweeps.services.control import NotNow
from sweeps.validation.problems import Invalid, from_pydantic

Shape = TypeVar("Shape", bound=Message)
NUL: Final = "\\u0000"
TAGS: Final = ("int", "float", "str", "bool")
"""pydantic names the kind of a value in the path of what is wrong with it."""


class Conflict(exceptions.APIException):
    """409: the verb does not fit the state of the sweep or trial."""

    status_code = 409
    default_code = "not_now"


def read(request: Request, shape: type[Shape]) -> Shape:
    """The request's body as `shape`; nothing at all is the empty body."""
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
        for problem in from_pydantic(error, tags=TAGS):
            sentences = fields.setdefault(problem.path, [])
            if problem.message not in sentences:
                sentences.append(problem.message)
        raise exceptions.ValidationError(cast("dict[str, Any]", fields)) from None


class Refusals:
    """`with Refusals():` what a service refuses becomes the API's answer."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, NotNow):
            raise Conflict(str(error)) from None
        if isinstance(error, Invalid):
            raise exceptions.ValidationError(cast("dict[str, Any]", error.fields())) from None
