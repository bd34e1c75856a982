"""What the endpoint answers. A refusal comes as HTTP 200 with `errors`, which the client does not repeat."""

from typing import Any

from django.http import JsonResponse


class Refusal(Exception):
    """An operation is refused. `status` 403 and 400 end what the client is doing, 404 says that a sweep is over."""

    def __init__(self, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.status = status


def data(**fields: Any) -> JsonResponse:
    return JsonResponse({"data": fields})


def refused(message: str, status: int = 200) -> JsonResponse:
    response = JsonResponse({"errors": [{"message": message}], "data": None}, status=status)
    # An answer like any other, not worth a warning in the server's log.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001  Django's own mark
    return response


def command(type_: str, **fields: Any) -> list[dict[str, Any]]:
    """An agent's command: run, stop or exit. It takes the first of a list."""
    return [{"type": type_, **fields}]
