"""A model: task, where the weights come from, tokenizer or image processor."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from pydantic import TypeAdapter, ValidationError

from runners.protocol.catalogue import ModelType, catalogue
from runners.protocol.spec import ModelSource, ProcessorSource, TrainedTokenizer
from sweeps.forms.catalogue_fields import UNSET, CatalogueField
from sweeps.forms.problems import attach, raw_values
from sweeps.models import Model
from sweeps.services.model_presets import ModelPreset
from sweeps.validation.model import PROCESSORS as PROCESSOR_NAMES
from sweeps.validation.model import check_model
from sweeps.validation.naming import MAX_NAME, check_name
from sweeps.validation.problems import Problem, from_pydantic
from sweeps.validation.text import shown
from teams.models import Team

SOURCES: Final = [
    ("config", "From a config, random weights"),
    ("hub", "From the Hub"),
    ("folder", "From a folder of the runner"),
]
PROCESSORS: Final = {
    "model": "The one beside the model's weights",
    "trained": "A tokenizer trained on the data set",
    "new": "A new one, made for the model",
    "hub": "Another one of the Hub",
    "folder": "Another one in a folder of the runner",
}
TAGS: Final = ("hub", "folder", "config", "model", "trained", "new")
CONFIG: Final = "config-"

_SOURCE: TypeAdapter[ModelSource] = TypeAdapter(ModelSource)
_PROCESSOR: TypeAdapter[ProcessorSource] = TypeAdapter(ProcessorSource)


class ModelForm(forms.Form):
    """Cleans `source` and `processor` (the protocol's) into `cleaned_data` beside what was typed.

    Only the fields that fit the choices made so far are in `sections()`; the config's fields are those of the chosen
    architecture.
    """

    name = forms.CharField(max_length=MAX_NAME)
    description = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    task = forms.ChoiceField(choices=[(task.name, task.label) for task in catalogue().tasks])
    source = forms.ChoiceField(label="Weights", choices=SOURCES)
    hub_id = forms.CharField(
        label="Hub id", required=False, max_length=200, widget=forms.TextInput(attrs={"placeholder": "owner/name"})
    )
    hub_revision = forms.CharField(
        label="Revision", required=False, max_length=200, help_text="A branch, tag or commit; empty for the default."
    )
    folder_path = forms.CharField(
        label="Folder",
        required=False,
        max_length=1000,
        help_text="As the runner's operator names it, below one of the listed roots.",
    )
    model_type = forms.ChoiceField(label="Architecture", required=False)
    processor = forms.ChoiceField()
    processor_id = forms.CharField(label="Its Hub id", required=False, max_length=200)
    processor_revision = forms.CharField(label="Its revision", required=False, max_length=200)
    processor_path = forms.CharField(label="Its folder", required=False, max_length=1000)
    algorithm = forms.ChoiceField(required=False, choices=[("wordpiece", "WordPiece"), ("bpe", "BPE")])
    vocab_size = forms.IntegerField(
        label="Vocabulary",
        required=False,
        min_value=100,
        max_value=200_000,
        initial=4000,
        help_text="Words and word pieces.",
    )
    letters = forms.ChoiceField(required=False, choices=[("lower", "Lower case"), ("as-is", "As they are")])

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        team: Team,
        own: Model | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.team, self.own = team, own
        self.chosen_task = catalogue().task(self._chosen("task")) or catalogue().tasks[0]
        self.kind = self._one_of("source", [key for key, _ in SOURCES])
        types = [entry for entry in catalogue().model_types if self.chosen_task.takes(entry)]
        self.architecture: ModelType = next(
            (entry for entry in types if entry.name == self._chosen("model_type")), types[0]
        )
        self.fields["model_type"].choices = [(entry.name, entry.label) for entry in types]  # type: ignore[attr-defined]  # a ChoiceField
        fitting = self._fitting_processors()
        label = PROCESSOR_NAMES[self.chosen_task.modality][0].capitalize()
        self.fields["processor"].label = label
        self.fields["processor"].choices = [(key, PROCESSORS[key]) for key in fitting]  # type: ignore[attr-defined]  # a ChoiceField
        self.processor_kind = self._one_of("processor", fitting)
        if self.kind == "config":
            for field in self.architecture.fields:
                self.fields[f"{CONFIG}{field.name}"] = CatalogueField(field)

    def _chosen(self, name: str) -> str:
        """What is chosen now: typed, or initial, or the field's own default."""
        value = self.data.get(name) if self.is_bound else self.initial.get(name, self.fields[name].initial)
        return str(value or "")

    def _one_of(self, name: str, choices: list[str]) -> str:
        return self._chosen(name) if self._chosen(name) in choices else choices[0]

    def _fitting_processors(self) -> list[str]:
        made = "trained" if self.chosen_task.modality == "text" else "new"
        return [made if self.kind == "config" else "model", "hub", "folder"]

    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """(heading, fields) in order: only what fits the choices made so far."""
        weights = {"hub": ["hub_id", "hub_revision"], "folder": ["folder_path"], "config": ["model_type"]}[self.kind]
        processor = {
            "hub": ["processor_id", "processor_revision"],
            "folder": ["processor_path"],
            "trained": ["algorithm", "vocab_size", "letters"],
        }.get(self.processor_kind, [])
        sections = [
            ("Task", ["name", "task", "description"]),
            ("Weights", ["source", *weights]),
            *([("Config", [name for name in self.fields if name.startswith(CONFIG)])] if self.kind == "config" else []),
            (str(self.fields["processor"].label), ["processor", *processor]),
        ]
        return [(heading, [self[name] for name in names]) for heading, names in sections]

    def anew(self) -> "ModelForm":
        """The same form, not judged: after a choice that changes which fields there are."""
        return ModelForm(team=self.team, own=self.own, initial=raw_values(self))

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        problems = check_name(Model, self.team, data.get("name", ""), self.own) if "name" in data else []
        source = self._read(_SOURCE, "source", self._source(), problems)
        processor = self._read(_PROCESSOR, "processor", self._processor(), problems)
        if source is not None and processor is not None and not self.errors:
            problems += check_model(self.chosen_task.name, source, processor)
        attach(self, problems, self.place)
        return data | {"source": source, "processor": processor}

    def _read(self, adapter: TypeAdapter[Any], name: str, given: dict[str, Any], problems: list[Problem]) -> Any:
        try:
            return adapter.validate_python(given)
        except ValidationError as error:
            problems += [
                found for found in from_pydantic(error, name, TAGS) if self.place(found.path) not in self.errors
            ]
            return None

    def _source(self) -> dict[str, Any]:
        data = self.cleaned_data
        match self.kind:
            case "hub":
                given = {
                    "id": self._needed("hub_id", "Give the model's Hub id, such as google/bert_uncased_L-2_H-128_A-2.")
                }
                return {"source": "hub", **given, "revision": data.get("hub_revision") or None}
            case "folder":
                return {"source": "folder", "path": self._needed("folder_path", "Give the model's folder.")}
            case _:
                fields = {
                    field.name: data[f"{CONFIG}{field.name}"]
                    for field in self.architecture.fields
                    if data.get(f"{CONFIG}{field.name}", UNSET) is not UNSET
                }
                return {"source": "config", "model_type": self.architecture.name, "fields": fields}

    def _processor(self) -> dict[str, Any]:
        data = self.cleaned_data
        match self.processor_kind:
            case "hub":
                given = self._needed("processor_id", "Give the Hub id to take it from.")
                return {"source": "hub", "id": given, "revision": data.get("processor_revision") or None}
            case "folder":
                return {"source": "folder", "path": self._needed("processor_path", "Give the folder to take it from.")}
            case "trained":
                return {
                    "source": "trained",
                    "algorithm": data.get("algorithm") or "wordpiece",
                    "vocab_size": data.get("vocab_size") or 4000,
                    "lowercase": data.get("letters") != "as-is",
                }
            case kind:
                return {"source": kind}

    def _needed(self, name: str, message: str) -> str:
        value = self.cleaned_data.get(name)
        if not value and name not in self.errors:
            self.add_error(name, message)
        return str(value or "-")  # a stand-in, so that the other fields are still looked at

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Show what the service has refused."""
        attach(self, problems, self.place)

    def place(self, path: str) -> str:
        """The form's field for a path of `check_model`."""
        if path.startswith("source.fields."):
            return CONFIG + path.removeprefix("source.fields.")
        return {
            "source.id": "hub_id",
            "source.revision": "hub_revision",
            "source.path": "folder_path",
            "source.model_type": "model_type",
            "processor.source": "processor",
            "processor.id": "processor_id",
            "processor.revision": "processor_revision",
            "processor.path": "processor_path",
            "processor.vocab_size": "vocab_size",
            "processor.algorithm": "algorithm",
        }.get(path, path)


def model_initial(model: Model) -> dict[str, Any]:
    """What the form holds for a model of the library."""
    return {"name": model.name, "description": model.description, "task": model.task} | _parts(
        model.source, model.processor
    )


def preset_initial(preset: ModelPreset) -> dict[str, Any]:
    """What the form holds for a preset."""
    parts = _parts(preset.source.model_dump(mode="json"), preset.processor.model_dump(mode="json"))
    return {"name": preset.name, "description": preset.help, "task": preset.task} | parts


def _parts(source: Mapping[str, Any], processor: Mapping[str, Any]) -> dict[str, Any]:
    tokenizer = TrainedTokenizer().model_dump() | dict(processor)
    return {
        "source": source["source"],
        "hub_id": source.get("id", ""),
        "hub_revision": source.get("revision") or "",
        "folder_path": source.get("path", ""),
        "model_type": source.get("model_type", ""),
        "processor": processor["source"],
        "processor_id": processor.get("id", ""),
        "processor_revision": processor.get("revision") or "",
        "processor_path": processor.get("path", ""),
        "algorithm": tokenizer["algorithm"],
        "vocab_size": tokenizer["vocab_size"],
        "letters": "lower" if tokenizer["lowercase"] else "as-is",
        **{f"{CONFIG}{name}": shown(value) for name, value in source.get("fields", {}).items()},
    }
