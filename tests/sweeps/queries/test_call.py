"""What the review and the sweep's page show as called."""

import ast

from runners.protocol.arguments import ALWAYS
from runners.protocol.spec import SweepSpec
from sweeps.queries.call import called
from tests.runners.protocol.test_messages import SPEC


def keywords_of(text: str, function: str) -> dict[str, ast.expr]:
    """The keyword arguments of the call of that function."""
    for node in ast.walk(ast.parse(text.replace(", …)", ")"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(function):
            return {keyword.arg or "": keyword.value for keyword in node.keywords}
    raise AssertionError(function)


def test_every_argument_that_the_trainer_gets_is_shown() -> None:
    spec = SweepSpec.model_validate(SPEC | {"arguments": {"num_train_epochs": 2.0, "save_strategy": "epoch"}})
    shown = {name: ast.literal_eval(value) for name, value in keywords_of(called(spec), "TrainingArguments").items()}
    assert shown == {
        **ALWAYS,
        "seed": 42,
        "num_train_epochs": 2.0,
        "save_strategy": "epoch",
        "dataloader_num_workers": 0,
    }


def test_the_search_is_called_as_the_runner_calls_it() -> None:
    spec = SweepSpec.model_validate(
        SPEC | {"budget": {"n_trials": 8, "timeout_s": 60, "max_failed_trials": 2}, "sampler_seed": 5}
    )
    text = called(spec)
    search = {name: ast.unparse(value) for name, value in keywords_of(text, "hyperparameter_search").items()}
    assert search == {
        "hp_space": "hp_space",
        "compute_objective": "lambda metrics: metrics['eval_accuracy']",
        "n_trials": "1",
        "direction": "'maximize'",
        "backend": "'optuna'",
        "sampler": "sampler",
        "pruner": "pruner",
        "storage": "storage",
        "study_name": "'sweep'",
        "load_if_exists": "True",
        "catch": "(Exception,)",
    }
    assert "for _ in range(8):" in text
    assert "sampler = TPESampler(seed=5)" in text
    assert "pruner = NopPruner()" in text
    assert "No trial starts later than 60 s after the first." in text
    assert "More than 2 failed trials end it." in text
