"""`model_init`: the model of a trial, and what must be set before it is built."""

from runners.protocol.catalogue import catalogue
from runners.protocol.space import Place
from runners.protocol.spec import ConfigModel, FolderModel, HubModel, ModelProcessor
from sweeps.queries.script.lora import lora_lines
from sweeps.queries.script.parts import NoScript, Part
from sweeps.queries.script.writer import literal

TWOFOLD = ("deit",)
"""Types for which the auto class wants to know which of its models is meant."""
OFFSET_POSITIONS = ("roberta", "xlm-roberta", "camembert", "xlm-roberta-xl", "longformer", "mpnet")


def build_lines(part: Part, *, labels: str, adapt: tuple[str, ...]) -> list[str]:
    """The lines that make `model` from `params`, inside a function.

    `labels`: more keywords of the config, as code. `adapt`: lines that bring a new config in line with the data.
    """
    entry = catalogue().task(part.spec.task)
    assert entry is not None
    auto = entry.auto_class
    part.writer.use("transformers", "AutoConfig", auto)
    source = part.spec.model
    searched = part.searched(Place.MODEL)
    fields = ""
    lines = []
    if searched:
        lines += [
            "fields = {name.removeprefix('model.'): value for name, value in params.items() if name.startswith('model.')}"
        ]
        fields = "**fields"
    match source:
        case ConfigModel():
            given = ", ".join(
                f"{name}={literal(value)}" for name, value in source.fields.items() if name not in searched
            )
            arguments = ", ".join(filter(None, [repr(source.model_type), given, fields, labels]))
            lines += [
                f"config = AutoConfig.for_model({arguments})",
                *(
                    ["config.architectures = []  # Repair: this type has two models."]
                    if source.model_type in TWOFOLD
                    else []
                ),
                *adapt,
                f"model = {auto}.from_config(config)",
            ]
        case HubModel() | FolderModel():
            part.writer.use("torch")
            place = place_of(source)
            more = "".join(f", {piece}" for piece in (fields, labels) if piece)
            lines += [
                f"config = AutoConfig.from_pretrained({place}{more})",
                f"model = {auto}.from_pretrained(",
                f"    {place}, config=config, dtype=torch.float32, ignore_mismatched_sizes=True",
                ")",
            ]
    return [*lines, *lora_lines(part, auto)]


def place_of(source: HubModel | FolderModel) -> str:
    """The first arguments of `from_pretrained`."""
    if isinstance(source, FolderModel):
        return repr(source.path)
    return repr(source.id) + (f", revision={source.revision!r}" if source.revision else "")


def place_of_processor(part: Part) -> str:
    """Where the tokenizer, image processor or feature extractor is loaded from. Raises `NoScript`."""
    named = part.spec.processor
    source = part.spec.model if isinstance(named, ModelProcessor) else named
    if not isinstance(source, HubModel | FolderModel):
        raise NoScript(f"A processor of source {source.source} does not fit the task {part.spec.task}.")
    return place_of(source)


def base_config(part: Part) -> str:
    """The expression of the model's config without anything searched, for what depends on its shape."""
    part.writer.use("transformers", "AutoConfig")
    source = part.spec.model
    if isinstance(source, ConfigModel):
        given = "".join(f", {name}={literal(value)}" for name, value in source.fields.items())
        return f"AutoConfig.for_model({source.model_type!r}{given})"
    return f"AutoConfig.from_pretrained({place_of(source)})"
