"""What depends on what, and a space tried at its ends."""

import pytest

from runners.optimizers.hopeless import Trials
from runners.optimizers.reach import completed, corners, narrowed
from runners.protocol.base import Scalar
from runners.protocol.space import (
    CategoricalParameter,
    FloatParameter,
    Formula,
    IntParameter,
    Lookup,
    Parameter,
    SearchSpace,
    When,
)

SIZE = CategoricalParameter(name="var.size", choices=("small", "large"))
RATE = FloatParameter(name="learning_rate", low=0, high=1)
HEADS = IntParameter(name="model.heads", low=2, high=6, when=When(name="var.size", values=("large",)))
WIDTH = Lookup(name="model.width", of="var.size", values=(8, 64))
INNER = Formula(name="model.inner", formula="4 * model.width")
SPACE = SearchSpace(parameters=(RATE, SIZE, HEADS), derived=(WIDTH, INNER))


def test_a_name_brings_along_what_it_depends_on() -> None:
    assert narrowed(SPACE, lambda name: name == "model.inner") == SearchSpace(
        parameters=(SIZE,), derived=(WIDTH, INNER)
    )
    assert narrowed(SPACE, lambda name: name == "model.heads") == SearchSpace(parameters=(SIZE, HEADS))
    assert narrowed(SPACE, lambda name: name == "seed") == SearchSpace()


def test_completing_leaves_out_rows_whose_condition_is_not_met() -> None:
    values: dict[str, Scalar] = {"learning_rate": 0.5, "var.size": "small", "model.heads": 4}
    assert completed(SPACE, values) == {
        "learning_rate": 0.5,
        "var.size": "small",
        "model.width": 8,
        "model.inner": 32,
    }
    assert completed(SPACE, values | {"var.size": "large"})["model.heads"] == 4


def test_few_ends_are_all_tried_together() -> None:
    rows = (RATE, CategoricalParameter(name="b", choices=(1, 2, 3)), IntParameter(name="c", low=5, high=5))
    found = corners(SearchSpace(parameters=rows))
    assert len(found) == 6
    assert found[0] == {"learning_rate": 0.0, "b": 1, "c": 5}
    assert found[-1] == {"learning_rate": 1.0, "b": 3, "c": 5}
    assert corners(SearchSpace()) == [{}]


def test_of_many_rows_each_end_is_tried_alone_with_its_condition_met() -> None:
    many = tuple(FloatParameter(name=f"p{index}", low=0, high=1) for index in range(8))
    found = corners(SearchSpace(parameters=(SIZE, HEADS, *many)))
    assert len(found) == 2 + 2 + 16 + 1
    assert [values["var.size"] for values in found if values["model.heads"] == 6] == ["large", "large"]
    assert found[-1] == {"var.size": "large", "model.heads": 6, **{row.name: 1.0 for row in many}}


def test_a_value_at_which_another_row_begins_to_act_is_an_end_too() -> None:
    layers = IntParameter(name="layers", low=1, high=9)
    deep = FloatParameter(name="deep", low=0, high=1, when=When(name="layers", values=(5, 50)))
    found = corners(SearchSpace(parameters=(layers, deep)))
    assert {values["layers"] for values in found} == {1, 9, 5}


def divides(params: dict[str, Scalar]) -> None:
    if int(str(params["width"])) % int(str(params["heads"])):
        raise ValueError(f"heads {params['heads']} do not divide width {params['width']}")


def ints(name: str, *choices: int) -> CategoricalParameter:
    return CategoricalParameter(name=name, choices=choices)


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ((ints("width", 30, 64), ints("heads", 4, 5)), "fine"),  # each works beside one of the other
        ((ints("width", 64), ints("heads", 4, 5)), ("heads", 5)),
        ((ints("width", 31, 64), ints("heads", 4, 8)), ("width", 31)),
        ((ints("width", 31), ints("heads", 4, 8)), None),
        # The ends fail together, what lies between them does not.
        ((IntParameter(name="width", low=32, high=64, step=16), ints("heads", 3)), ("width", 32)),
        ((IntParameter(name="width", low=32, high=64, step=16), ints("heads", 3, 4)), "fine"),
    ],
)
def test_a_value_is_hopeless_when_it_works_beside_no_other(
    rows: tuple[Parameter, ...], verdict: tuple[str, int] | str | None
) -> None:
    found = Trials(SearchSpace(parameters=rows), 1, divides, (ValueError,)).hopeless()
    if verdict == "fine":
        assert found is None
        return
    assert found is not None
    assert (found.row and (found.row.name, found.value)) == verdict
    assert "do not divide" in str(found.error)


def test_a_formula_that_never_works_makes_the_space_hopeless() -> None:
    space = SearchSpace(parameters=(ints("width", 1, 2),), derived=(Formula(name="x", formula="width / 0"),))
    found = Trials(space, 1, divides, (ValueError,)).hopeless()
    assert found is not None
    assert (found.row, str(found.error)) == (None, "x: the formula divides by zero.")
