"""The README.md that goes with a downloaded model."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from runners.protocol.spec import HubModel, SweepSpec
from sweeps.models import Sweep, Trial
from sweeps.queries.details import (
    describe_backend,
    describe_data,
    describe_model,
    describe_objective,
    describe_processor,
    frozen_spec,
)
from sweeps.queries.rows import visible_trials

_ESCAPES: Final = str.maketrans(
    {mark: f"\\{mark}" for mark in "\\`*_{}[]#|!"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
)
_TAGS: Final = {
    "multi-label-classification": "text-classification",
    "text-regression": "text-classification",
    "causal-lm": "text-generation",
    "seq2seq": "text2text-generation",
    "masked-lm": "fill-mask",
}
"""Tasks whose models the Hub knows under another name."""


def model_card(sweep: Sweep, trial: Trial) -> str:
    """Front matter, data, parameters, metrics of `trial`, and the table of the sweep's trials. Markdown."""
    spec = frozen_spec(sweep)
    assert spec is not None  # a model was saved, so the sweep has run
    return "\n".join(
        [
            *_front_matter(spec),
            f"# {_text(sweep.name)}: trial {trial.number}",
            "",
            _introduction(sweep, spec),
            *([_text(sweep.description), ""] if sweep.description else [""]),
            "## Data and model",
            "",
            *_table(["What", "Value"], _origin(sweep, spec)),
            "## Parameters of this trial",
            "",
            *_table(["Parameter", "Value"], ((name, value) for name, value in (trial.params or {}).items())),
            "## Fixed training arguments",
            "",
            *_table(["Argument", "Value"], sorted(spec.arguments.items())),
            "## Metrics at the end of training",
            "",
            *_table(["Metric", "Value"], sorted(trial.last.items())),
            "## All trials",
            "",
            *_trials(sweep, spec),
        ]
    )


def _introduction(sweep: Sweep, spec: SweepSpec) -> str:
    # With several objectives no model is kept, so there is one.
    count = visible_trials(sweep).count()
    return f"The best of {count} trials of this sweep by {_text(describe_objective(spec.objectives[0]))}."


def _front_matter(spec: SweepSpec) -> list[str]:
    # JSON strings are YAML strings, so nothing in a name can break out.
    lines = ["---", "library_name: transformers", f"pipeline_tag: {json.dumps(_TAGS.get(spec.task, spec.task))}"]
    if isinstance(spec.model, HubModel):
        lines.append(f"base_model: {json.dumps(spec.model.id)}")
    return [*lines, "tags:", "- hyperparameter-search", f"- {json.dumps(spec.backend.name)}", "---", ""]


def _origin(sweep: Sweep, spec: SweepSpec) -> list[tuple[str, object]]:
    version = sweep.dataset_version
    return [
        ("Task", spec.task),
        ("Weights before training", describe_model(spec.model)),
        ("Tokenizer or image processor", describe_processor(spec.processor)),
        ("Data set", f"{version.dataset.name}, version {version.number}" if version else "–"),
        ("Data", describe_data(spec)),
        ("Digest of the data", getattr(spec.data, "digest", "–")),
        *describe_backend(spec.backend),
        ("Seed", spec.seed),
    ]


def _trials(sweep: Sweep, spec: SweepSpec) -> list[str]:
    names = [parameter.name for parameter in spec.space.parameters]
    header = ["Trial", "State", *names, spec.objectives[0].metric, "Seconds"]
    rows = (
        (
            trial.number,
            trial.state,
            *((trial.params or {}).get(name, "") for name in names),
            trial.values[0] if trial.values else "",
            "" if trial.duration_s is None else round(trial.duration_s, 1),
        )
        for trial in visible_trials(sweep).only("number", "state", "params", "values", "duration_s")
    )
    return _table(header, rows)


def _table(header: Sequence[str], rows: Iterable[Iterable[object]]) -> list[str]:
    lines = [f"| {' | '.join(_cell(name) for name in header)} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows]
    return [*lines, ""]


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return _text(value)


def _text(value: object) -> str:
    """Text that stays text in Markdown: no markup, no HTML, one line."""
    return " ".join(str(value).split()).translate(_ESCAPES)
