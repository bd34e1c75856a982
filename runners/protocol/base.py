"""What every message of the contract shares: closed shapes, and numbers that survive JSON."""

import math
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints

Scalar = str | int | float | bool | None
"""A parameter's value. Only what JSON, Optuna's storages and `TrainingArguments` all keep unchanged."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
PublicId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{12}$")]

Seconds = Annotated[float, Field(ge=0, le=1e10, allow_inf_nan=False)]
"""A duration, or a moment on a job's clock. What is longer than three centuries is a mistake."""
Count = Annotated[int, Field(ge=0, lt=2**31)]
"""A number of a trial, a step, how many there are: what the database's integers hold."""
Index = Annotated[int, Field(ge=1, lt=2**31)]
"""As `Count`, from 1."""
Size = Annotated[int, Field(ge=0, lt=2**63)]
"""Bytes, parameters of a model, seeds."""
Seq = Annotated[int, Field(ge=1, lt=2**62)]
"""The number of an event in its job."""


class Message(BaseModel):
    """A closed, immutable shape: an unknown field is an error, not a silent loss."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings", allow_inf_nan=True)


def _read_number(value: object) -> object:
    if isinstance(value, str):
        named = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}.get(value.lower())
        if named is None:
            raise ValueError('a number, or one of "nan", "inf", "-inf", is expected')
        return named
    if isinstance(value, bool):
        raise ValueError("a number is expected, not true or false")
    return value


def write_number(value: float) -> float | str:
    """JSON has no NaN and no infinity: they travel as "nan", "inf" and "-inf"."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


Number = Annotated[float, BeforeValidator(_read_number), PlainSerializer(write_number, when_used="json")]
"""A float that may be NaN or infinite; "nan", "inf", "-inf" in JSON."""
