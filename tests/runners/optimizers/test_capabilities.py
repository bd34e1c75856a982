"""What a backend is said to do with each row."""

import pytest

from runners.optimizers.capabilities import described
from runners.protocol.backends import AnyBackend, NamedChoice, OptunaBackend, RayBackend, WandbBackend
from runners.protocol.space import (
    CategoricalParameter,
    FloatParameter,
    Formula,
    IntParameter,
    Lookup,
    SearchSpace,
    When,
)

SPACE = SearchSpace(
    parameters=(
        FloatParameter(name="learning_rate", low=1e-5, high=1e-3, log=True),
        FloatParameter(name="weight_decay", low=0.0, high=0.3, step=0.1),
        IntParameter(name="lora.r", low=1, high=64, log=True),
        IntParameter(name="data.max_length", low=32, high=64, step=8),
        CategoricalParameter(name="optim", choices=("sgd", "adafactor")),
    ),
    derived=(
        Lookup(name="adam_beta1", of="optim", values=(0.8, 0.9)),
        Formula(name="lora.alpha", formula="2 * lora.r"),
    ),
)
FINITE = SearchSpace(parameters=SPACE.parameters[1:])


@pytest.mark.parametrize(
    ("backend", "space", "lines"),
    [
        (
            OptunaBackend(),
            SPACE,
            [
                "suggest_float('learning_rate', 1e-05, 0.001, log=True)",
                "suggest_float('weight_decay', 0.0, 0.3, step=0.1)",
                "suggest_int('lora.r', 1, 64, log=True)",
                "suggest_int('data.max_length', 32, 64, step=8)",
                "suggest_categorical('optim', ['sgd', 'adafactor'])",
                "goes with optim: [0.8, 0.9]",
                "2 * lora.r",
            ],
        ),
        (
            OptunaBackend(sampler=NamedChoice(name="grid")),
            FINITE,
            [
                "each of [0.0, 0.1, 0.2, 0.3]",
                "each of [1, 2, 3, 4, 5, 6, …]",
                "each of [32, 40, 48, 56, 64]",
                "each of ['sgd', 'adafactor']",
            ],
        ),
        (
            RayBackend(),
            SPACE,
            [
                "tune.loguniform(1e-05, 0.001)",
                "tune.choice([0.0, 0.1, 0.2, 0.3])",
                "tune.lograndint(1, 65)",
                "tune.choice([32, 40, 48, 56, 64])",
                "tune.choice(['sgd', 'adafactor'])",
                "goes with optim: [0.8, 0.9]",
                "2 * lora.r",
            ],
        ),
        (
            WandbBackend(),
            SPACE,
            [
                "log_uniform_values 1e-05 … 0.001",
                "values [0.0, 0.1, 0.2, 0.3]",
                "q_log_uniform_values 1 … 64, q 1",
                "values [32, 40, 48, 56, 64]",
                "values ['sgd', 'adafactor']",
                "goes with optim: [0.8, 0.9]",
                "2 * lora.r",
            ],
        ),
        (
            WandbBackend(method="grid"),
            FINITE,
            [
                "values [0.0, 0.1, 0.2, 0.3]",
                "int_uniform 1 … 64",
                "values [32, 40, 48, 56, 64]",
                "values ['sgd', 'adafactor']",
            ],
        ),
    ],
)
def test_each_row_in_the_words_of_the_backend(backend: AnyBackend, space: SearchSpace, lines: list[str]) -> None:
    found, problems = described(space, backend)
    assert problems == []
    assert [line.does for line in found] == lines
    assert [line.name for line in found] == [row.name for row in (*space.parameters, *space.derived)]


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        (OptunaBackend(sampler=NamedChoice(name="grid")), "give learning_rate a step or choices"),
        (OptunaBackend(sampler=NamedChoice(name="cmaes")), "optim has choices"),
        (OptunaBackend(sampler=NamedChoice(name="guess")), "sampler 'guess' is unknown"),
        (OptunaBackend(fixed={"seed": 1}), "seed is fixed for the sampler but is no row"),
        (RayBackend(search=NamedChoice(name="grid")), "give learning_rate a step or choices"),
        (RayBackend(search=NamedChoice(name="guess")), "search 'guess' is unknown"),
        (RayBackend(search=NamedChoice(name="bohb")), "BOHB needs the scheduler Hyperband"),
        (RayBackend(scheduler=NamedChoice(name="pbt")), "at least one parameter that it may change"),
        (WandbBackend(method="grid"), "give learning_rate a step or choices"),
        (WandbBackend(early_terminate=NamedChoice(name="hyperband")), "min_iter"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_reason(backend: AnyBackend, said: str) -> None:
    _, problems = described(SPACE, backend)
    assert any(said in problem for problem in problems), problems


def test_notes_say_where_a_backend_differs() -> None:
    rows = (
        SPACE.parameters[4],
        IntParameter(name="x", low=2, high=6, step=2, when=When(name="optim", values=("sgd",))),
    )
    space = SearchSpace(parameters=rows)
    assert described(space, OptunaBackend())[0][1].note == "only when optim is sgd"
    assert described(space, RayBackend())[0][1].note == "drawn always, used only when optim is sgd"
    learned = RayBackend(search=NamedChoice(name="hyperopt"))
    assert "each step is exact" in described(SPACE, learned)[0][3].note
    assert "rounds it" in described(SPACE, learned)[0][2].note
    changing = RayBackend(scheduler=NamedChoice(name="pbt"), mutations=("learning_rate",))
    assert described(SPACE, changing)[0][0].note == "may change while a trial trains"
