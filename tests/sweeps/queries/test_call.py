"""What the review and the sweep's page show as called."""

import ast

import optuna
import pytest

from runners.optimizers import pruners, samplers
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


def spec_of(**changes: object) -> SweepSpec:
    return SweepSpec.model_validate(SPEC | changes)


def search_of(spec: SweepSpec) -> dict[str, str]:
    found = keywords_of(called(spec), "hyperparameter_search")
    return {name: ast.unparse(value) for name, value in found.items()}


@pytest.mark.parametrize("name", [name for name in samplers.SAMPLERS if name != "grid"])
def test_every_sampler_is_shown_by_its_class(name: str) -> None:
    sampler = {"name": "optuna", "sampler": {"name": name}, "fixed": {"learning_rate": 0.001}}
    line = next(line for line in called(spec_of(backend=sampler)).splitlines() if line.startswith("sampler = "))
    assert hasattr(optuna.samplers, line.removeprefix("sampler = ").partition("(")[0])


@pytest.mark.parametrize("name", list(pruners.PRUNERS))
def test_every_pruner_is_shown_by_its_class(name: str) -> None:
    pruner = {"name": "optuna", "pruner": {"name": name}}
    line = next(line for line in called(spec_of(backend=pruner)).splitlines() if line.startswith("pruner = "))
    assert hasattr(optuna.pruners, line.removeprefix("pruner = ").partition("(")[0])


def test_several_objectives_are_a_list_with_their_directions() -> None:
    rows = [
        {"metric": "eval_loss", "direction": "minimize", "over": "best"},
        {"metric": "weighted_sum", "direction": "maximize", "weights": {"eval_mcc": 1.0, "eval_loss": -0.5}},
    ]
    spec = spec_of(objectives=rows)
    search = search_of(spec)
    assert search["direction"] == "['minimize', 'maximize']"
    assert search["compute_objective"] == (
        "lambda metrics: [metrics['eval_loss'], 1.0 * metrics['eval_mcc'] + -0.5 * metrics['eval_loss']]"
    )
    assert "the best value of eval_loss counts" in called(spec)


def test_transformers_default_is_called_by_its_name() -> None:
    spec = spec_of(objectives=[{"metric": "transformers_default", "direction": "maximize"}])
    assert search_of(spec)["compute_objective"] == "default_compute_objective"


def test_conditions_and_computed_values_are_shown_in_order() -> None:
    space = {
        "parameters": [
            {"type": "categorical", "name": "optim", "choices": ["sgd", "adafactor"]},
            {
                "type": "float",
                "name": "weight_decay",
                "low": 0.0,
                "high": 0.1,
                "when": {"name": "optim", "values": ["sgd"]},
            },
        ],
        "derived": [{"type": "formula", "name": "learning_rate", "formula": "0.01 * 2"}],
    }
    text = called(spec_of(space=space))
    assert "    if drawn.get('optim') in ('sgd',):\n        drawn['weight_decay'] = trial.suggest_float(" in text
    assert "    # learning_rate = 0.01 * 2\n    return drawn" in text


def test_ray_is_called_once_with_its_search_and_scheduler() -> None:
    backend = {
        "name": "ray",
        "search": {"name": "hyperopt", "options": {"gamma": 0.3}},
        "scheduler": {"name": "pbt"},
        "mutations": ["learning_rate"],
        "cpus": 2,
        "gpus": 0.5,
    }
    spec = spec_of(backend=backend, sampler_seed=5)
    search = search_of(spec)
    assert search["resources_per_trial"] == "{'cpu': 2, 'gpu': 0.5}"
    assert (search["scheduler"], search["mode"], search["backend"]) == ("scheduler", "'max'", "'ray'")
    text = called(spec)
    assert "search = HyperOptSearch(gamma=0.3, random_state_seed=5)" in text
    assert "hyperparam_mutations={'learning_rate': hp_space(None)['learning_rate']}" in text
    assert "'learning_rate': tune.loguniform(" in text


def test_wandb_is_given_its_configuration() -> None:
    backend = {"name": "wandb", "method": "bayes", "early_terminate": {"name": "hyperband", "options": {"min_iter": 1}}}
    spec = spec_of(backend=backend)
    text = called(spec)
    returned = next(node for node in ast.walk(ast.parse(text.replace(", …)", ")"))) if isinstance(node, ast.Return))
    assert returned.value is not None
    configuration = ast.literal_eval(returned.value)
    assert configuration["method"] == "bayes"
    assert configuration["early_terminate"]["min_iter"] == 1
    assert search_of(spec)["metric"] == "'eval/accuracy'"
    assert "asks hpweb's own endpoint for parameters" in text
