"""The spec is at fault: nothing is trained, and a person is told what to mend."""

from typing import Final

REFUSALS: Final = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RuntimeError,
    NotImplementedError,
    IndexError,
    ArithmeticError,
)
"""What torch and transformers raise for arguments and models that cannot be."""


class InvalidSpec(Exception):
    """`field` is the spec's field at fault, dotted (`space.learning_rate`, `data`); `message` a sentence with the mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


def first_line(error: BaseException, limit: int = 300) -> str:
    """What an exception says, short enough for a sentence."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    return text if len(text) <= limit else text[: limit - 1] + "…"
