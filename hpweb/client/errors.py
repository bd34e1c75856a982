"""What can go wrong between a program and the server, each with a sentence for people."""

from collections.abc import Mapping, Sequence


class HpwebError(Exception):
    """Anything below. Its text is a sentence."""


class Unreachable(HpwebError):
    """No answer, after every repetition."""


class NoSettings(HpwebError):
    """Nobody has said which server, or with which token."""


class ApiError(HpwebError):
    """The server's refusal. `code` is a word for programs, `fields` has sentences by field, "" for the whole."""

    def __init__(
        self, http_code: int, code: str, message: str, fields: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.http_code = http_code
        self.code = code
        self.message = message
        self.fields = {name: list(said) for name, said in (fields or {}).items()}
        super().__init__(message)


class Refused(ApiError):
    """400, 409, 412, 422: what was sent is wrong, or does not fit the state of things now. `fields` says what to mend."""


class NotAllowed(ApiError):
    """401, 403: the token is wrong, or not for this."""


class NotFound(ApiError):
    """404: there is no such thing, or none that this token may see."""


class Busy(ApiError):
    """429 or 5xx, after every repetition."""


def error_of(http_code: int, code: str, message: str, fields: Mapping[str, Sequence[str]] | None = None) -> ApiError:
    """The exception for an answer."""
    if http_code in {401, 403}:
        kind: type[ApiError] = NotAllowed
    elif http_code == 404:
        kind = NotFound
    else:
        kind = Busy if http_code == 429 or http_code >= 500 else Refused
    return kind(http_code, code, message, fields)
