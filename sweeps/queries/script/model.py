"""`model_init`: the model of a trial, and what must be set before it is built."""

from runners.protocol.catalogue import catalogue
from runners.protocol.space import Place
from runners.protocol.spec import ConfigModel, FolderModel, HubModel
from sweeps.queries.script.parts import Part
from sweeps.queries.script.writer import literal

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
            lines += [f"config = AutoConfig.for_model({arguments})", *adapt, f"model = {auto}.from_config(config)"]
        case HubModel() | FolderModel():
            part.writer.use("torch")
            place = source.id if isinstance(source, HubModel) else source.path
            revision = f", revision={source.revision!r}" if isinstance(source, HubModel) and source.revision else ""
            more = "".join(f", {piece}" for piece in (fields, labels) if piece)
            lines += [
                f"config = AutoConfig.from_pretrained({place!r}{revision}{more})",
                f"model = {auto}.from_pretrained(",
                f"    {place!r}, config=config, dtype=torch.float32, ignore_mismatched_sizes=True{revision}",
                ")",
            ]
    return [*lines, *_lora_lines(part)]


def _lora_lines(part: Part) -> list[str]:
    lora, searched = part.spec.lora, part.searched(Place.LORA)
    if lora is None and not searched:
        return []
    return []
