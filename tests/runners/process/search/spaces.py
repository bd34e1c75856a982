"""Spaces at random, for hypothesis."""

from hypothesis import strategies as st

from runners.protocol.base import Scalar
from runners.protocol.space import (
    CategoricalParameter,
    FloatParameter,
    IntParameter,
    Parameter,
    SearchSpace,
    When,
)

NAMES = ("learning_rate", "model.hidden_size", "data.max_length", "lora.r", "var.size", "weight_decay")
WORDS: st.SearchStrategy[Scalar] = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from([0.5, 1.0, -2.25]), st.sampled_from(["a", "1", "b c"])
)


@st.composite
def floats(draw: st.DrawFn, name: str) -> FloatParameter:
    kind = draw(st.sampled_from(["plain", "log", "step", "one"]))
    if kind == "log":
        low = draw(st.floats(1e-8, 1.0))
        return FloatParameter(name=name, low=low, high=low * draw(st.floats(1.001, 1e4)), log=True)
    low = draw(st.sampled_from([0.0, 0.1, -0.3, 1e-5, 7.0]))
    if kind == "one":
        return FloatParameter(name=name, low=low, high=low)
    if kind == "step":
        step = draw(st.sampled_from([0.1, 0.05, 0.3, 1e-4, 2.0]))
        return FloatParameter(name=name, low=low, high=low + step * draw(st.integers(1, 9)), step=step)
    return FloatParameter(name=name, low=low, high=low + draw(st.floats(1e-6, 100.0)))


@st.composite
def ints(draw: st.DrawFn, name: str) -> IntParameter:
    low = draw(st.integers(1, 20))
    kind = draw(st.sampled_from(["plain", "log", "step"]))
    if kind == "step":
        step = draw(st.integers(2, 5))
        return IntParameter(name=name, low=low, high=low + step * draw(st.integers(0, 5)), step=step)
    return IntParameter(name=name, low=low, high=low + draw(st.integers(0, 30)), log=kind == "log")


@st.composite
def words(draw: st.DrawFn, name: str) -> CategoricalParameter:
    choices = draw(st.lists(WORDS, min_size=1, max_size=4, unique_by=lambda value: (type(value), value)))
    return CategoricalParameter(name=name, choices=tuple(choices))


@st.composite
def spaces(draw: st.DrawFn, conditional: bool = True) -> SearchSpace:
    """One to five rows of every kind, some of them with a condition on a row above."""
    rows: list[Parameter] = []
    for name in NAMES[: draw(st.integers(1, 5))]:
        row = draw(st.one_of(floats(name), ints(name), words(name)))
        parents = [other for other in rows if isinstance(other, CategoricalParameter)]
        if conditional and parents and draw(st.booleans()):
            parent = draw(st.sampled_from(parents))
            value = draw(st.sampled_from(parent.choices))
            row = row.model_copy(update={"when": When(name=parent.name, values=(value,))})
        rows.append(row)
    return SearchSpace(parameters=tuple(rows))
