"""A spec at fault is refused before the first trial, with its field and a mend."""

from pathlib import Path
from typing import Any

import pytest

from runners.process.folder import JobFolder, Start
from runners.process.training.prepare import Prepared, Workbench, prepare
from runners.process.training.refusal import InvalidSpec
from runners.protocol.spec import SweepSpec
from tests.runners.process.material import IMAGES, TEXT, sweep
from tests.runners.process.small_supervisor import SmallSupervisor

MEDIAN = {"name": "optuna", "pruner": {"name": "median"}}


def row(name: str, *choices: Any) -> dict[str, Any]:
    return {"type": "categorical", "name": name, "choices": list(choices)}


def between(name: str, low: float, high: float, **more: Any) -> dict[str, Any]:
    return {"type": "float", "name": name, "low": low, "high": high, **more}


def space(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"space": {"parameters": list(rows)}}


def fields(base: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": {**base["model"], "fields": {**base["model"]["fields"], **more}}}


CASES: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    (IMAGES, space(between("warmup_ratio", 0, 0.1)), "space.warmup_ratio", "acts nowhere"),
    (IMAGES, space(row("output_dir", "a", "b")), "space.output_dir", "hpweb sets it itself"),
    (IMAGES, space(row("fp16", True, False)), "space.fp16", "precision cannot change"),
    (IMAGES, space(row("lr_scheduler_type", "linear", "quadratic")), "space.lr_scheduler_type", "'quadratic'"),
    (IMAGES, space(between("learning_rate", -0.1, 0.1)), "space.learning_rate", "0 or more"),
    (IMAGES, space(between("model.hidden_dropout_prob", 0, 1.5)), "space.model.hidden_dropout_prob", "0.999 or less"),
    (TEXT, space(row("model.num_attention_heads", 4, 5)), "space.model.num_attention_heads", "multiple"),
    (IMAGES, space(row("model.vocab_size", 4, 5)), "space.model.vocab_size", "acts nowhere"),
    (IMAGES, space(row("data.max_length", 16, 32)), "space.data.max_length", "acts nowhere"),
    (
        IMAGES,
        space(row("lr_scheduler_type", "linear", "reduce_lr_on_plateau")) | {"arguments": {}},
        "space.lr_scheduler_type",
        "eval",
    ),
    (IMAGES, {"arguments": {"eval_strategy": "no"}, "backend": MEDIAN}, "arguments.eval_strategy", "pruner needs"),
    (IMAGES, {"arguments": {"learning_rates": 1}}, "arguments.learning_rates", "no such field"),
    (IMAGES, {"arguments": {"report_to": "wandb"}}, "arguments.report_to", "records the trials itself"),
    (IMAGES, {"arguments": {"num_train_epochs": "3"}}, "arguments.num_train_epochs", "must be a number"),
    (IMAGES, {"arguments": {"logging_steps": 2.5}}, "arguments.logging_steps", "must be an integer"),
    (
        IMAGES,
        {"arguments": {"max_steps": 5}} | space(between("num_train_epochs", 1, 3)),
        "space.num_train_epochs",
        "override",
    ),
    (IMAGES, {"objectives": [{"metric": "eval_auc", "direction": "maximize"}]}, "objectives", "eval_accuracy"),
    (IMAGES, {"backend": {"name": "optuna", "sampler": {"name": "tpee"}}}, "backend.sampler", "Samplers: tpe"),
    (
        IMAGES,
        {"backend": {"name": "optuna", "pruner": {"name": "none", "options": {"a": 1}}}},
        "backend.pruner",
        "no option a",
    ),
    (IMAGES, {"model": {"source": "config", "model_type": "gpt3"}, **space()}, "model", "Model types: bert"),
    (IMAGES, {"model": {"source": "config", "model_type": "gpt2"}, **space()}, "model", "ImageClassification"),
    (IMAGES, {"model": {"source": "folder", "path": "/etc"}, **space()}, "model", "no folder below"),
    (IMAGES, fields(IMAGES, hidden_sise=3), "model.hidden_sise", "no field"),
    (IMAGES, fields(IMAGES, hidden_size="wide"), "model.hidden_size", "must be a number"),
    (TEXT, fields(TEXT, hidden_size=63) | space(), "model", "multiple"),
    (IMAGES, {"processor": {"source": "trained"}}, "processor", "cannot read images"),
    (IMAGES, {"processor": {"source": "model"}}, "processor", "brings no processor"),
    (TEXT, {"data_settings": {"max_length": 2000}}, "data_settings.max_length", "512 or less"),
    (TEXT, {"data_settings": {"max_len": 20}}, "data_settings.max_len", "no setting"),
    (TEXT, {"data_settings": {"max_length": 128}}, "data_settings.max_length", "longer than the 64 tokens"),
    (TEXT, space(row("data.max_length", 32, 96)), "space.data.max_length", "longer than the 64 tokens"),
    (TEXT, space(row("data.max_length", 96)), "space.data.max_length", "longer than the 64 tokens"),
    (TEXT, space(row("model.num_attention_heads", 5, 4)), "space.model.num_attention_heads", "= 5 cannot be trained"),
    (
        TEXT,
        space(row("model.hidden_size", 31, 64), row("model.num_attention_heads", 4, 8)),
        "space.model.hidden_size",
        "model.hidden_size = 31 cannot be trained",
    ),
    (
        TEXT,
        space(row("model.hidden_size", 31, 62), row("model.num_attention_heads", 4, 8)),
        "model",
        "cannot be trained as it stands",
    ),
    (
        TEXT,
        {
            "space": {
                "parameters": [row("var.size", "small", "large")],
                "derived": [{"type": "lookup", "name": "model.hidden_size", "of": "var.size", "values": [64, 66]}],
            }
        },
        "space.var.size",
        "var.size = 'large' cannot be trained",
    ),
    (
        IMAGES,
        {
            "space": {
                "parameters": [row("per_device_train_batch_size", 16, 32)],
                "derived": [
                    {
                        "type": "formula",
                        "name": "gradient_accumulation_steps",
                        "formula": "8 // per_device_train_batch_size",
                    }
                ],
            }
        },
        "space.gradient_accumulation_steps",
        "must be 1 or more, not 0",
    ),
    (
        IMAGES,
        {
            "space": {
                "parameters": [row("seed", 1, 2)],
                "derived": [{"type": "formula", "name": "warmup_ratio", "formula": "1"}],
            }
        },
        "space.warmup_ratio",
        "acts nowhere",
    ),
]


def prepared(path: Path, spec: SweepSpec, files: dict[str, str], **start: Any) -> tuple[Workbench, list[Prepared]]:
    """`prepare` in this process; the tokenizer that is trained is the one that counts."""
    reports: list[Prepared] = []
    bench = prepare(
        JobFolder(path),
        spec,
        Start(t0=0, data=files, **start),
        store_tokenizer=lambda _, folder: folder,
        report=reports.append,
    )
    return bench, reports


@pytest.mark.parametrize(("base", "changes", "field", "words"), CASES, ids=[f"{c[2]}-{c[3]}" for c in CASES])
def test_it_is_refused(base: dict[str, Any], changes: dict[str, Any], field: str, words: str, tmp_path: Path) -> None:
    spec, files = sweep(base, 60, **changes)
    with pytest.raises(InvalidSpec) as refused:
        prepared(tmp_path, spec, files)
    assert refused.value.field == field, refused.value.message
    assert words in refused.value.message


HUB = {"source": "hub", "id": "nobody/nothing"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"data": {**HUB, "input_column": "image"}}, "data"), ({"model": HUB, **space()}, "model")],
)
def test_a_hub_id_without_the_hub_is_refused_with_the_field(
    changes: dict[str, Any], field: str, tmp_path: Path
) -> None:
    spec, files = sweep(IMAGES, 60, **changes)
    with pytest.raises(InvalidSpec, match="nobody/nothing") as refused:
        prepared(tmp_path, spec, files)
    assert refused.value.field == field


def test_a_mirror_that_the_runner_lacks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "runners.process.mirror.registry.find_spec", lambda name: None if name == "mlflow" else object()
    )
    spec, files = sweep(IMAGES, 60, report_to=["tensorboard", "mlflow"])
    with pytest.raises(InvalidSpec, match="lacks the package mlflow-skinny") as refused:
        prepared(tmp_path, spec, files)
    assert refused.value.field == "report_to"


def test_a_child_says_why_it_refused(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 60, arguments={"report_to": "wandb"})
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    assert supervisor.one_child(1) == 1
    assert supervisor.failed is not None
    assert (supervisor.failed.code, supervisor.failed.field) == ("invalid_spec", "arguments.report_to")
    assert supervisor.permits == 0
    assert supervisor.events == []


def test_a_later_child_finds_everything_prepared(tmp_path: Path) -> None:
    spec, files = sweep(TEXT, 60)
    first, reports = prepared(tmp_path, spec, files)
    assert [(report.train_rows, report.eval_rows) for report in reports] == [(48, 12)]
    assert reports[0].checkpoint_bytes == 4 * reports[0].model_parameters
    assert reports[0].model_parameters == first.first.num_parameters()
    tokenizer = str(tmp_path / "prepared" / "tokenizer")
    again, reports = prepared(tmp_path, spec, files, tokenizer=tokenizer)
    assert reports == []
    settings = {"max_length": 32, "train_fraction": 1.0}
    assert again.task.datasets(settings).train[7] == first.task.datasets(settings).train[7]


def test_what_breaks_outside_the_spec_is_an_error(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 60)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.folder.prepared.write_text("a file where a folder belongs")
    assert supervisor.one_child(1) == 1
    assert supervisor.failed is not None
    assert supervisor.failed.code == "error"
    assert "FileExistsError" in supervisor.failed.message
    assert "Traceback" in supervisor.output
