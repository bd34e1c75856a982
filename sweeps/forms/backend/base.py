"""What the form asks of a backend."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from django import forms

from runners.protocol.backends import AnyBackend
from sweeps.forms.sections import Chosen, Section

Bound = Callable[[str], Sequence[forms.BoundField]]
"""The form's fields whose names are, or begin with, the given one: `sampler`, `sampler-`."""


class BackendFields(Protocol):
    """One backend. `name` is the value of `hyperparameter_search(backend=)`."""

    name: str
    label: str
    help: str

    def fields(self, chosen: Chosen) -> dict[str, forms.Field]:
        """Name → field, for what is chosen now."""
        ...

    def sections(self, chosen: Chosen, bound: Bound) -> list[Section]:
        """The cards below the backend's choice."""
        ...

    def read(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The backend as the contract has it, from cleaned fields."""
        ...

    def shown(self, backend: AnyBackend) -> dict[str, Any]:
        """What a form that was sent with this backend would hold; nothing for another one's."""
        ...

    def place(self, path: str, chosen: Callable[[str], str]) -> str:
        """The form's field for a path below `backend.`; empty when there is none."""
        ...


NUMBER: Final = {"inputmode": "decimal", "autocomplete": "off"}
