"""The rows of a data set, and the tokenizer, as code."""

from runners.protocol.spec import ArtifactData, FolderModel, HubData, HubModel, ModelProcessor, TrainedTokenizer
from sweeps.queries.script.parts import Part

LABELS = "id2label=dict(enumerate(LABELS)), label2id={label: index for index, label in enumerate(LABELS)}"


def add_rows(part: Part) -> None:
    """`read(split)`: the rows of a split as a `datasets.Dataset` with the canonical columns."""
    data, writer = part.spec.data, part.writer
    writer.use("datasets", "Dataset")
    match data:
        case ArtifactData():
            writer.add(
                """
                def read(split):
                    return Dataset.from_parquet(str(HERE / f"{split}.parquet"), cache_dir=str(HERE / "cache"))
                """
            )
        case HubData():
            _hub(part, data)


def _hub(part: Part, data: HubData) -> None:
    writer = part.writer
    writer.use("datasets", "load_dataset", "ClassLabel")
    more = f", revision={data.revision!r}" if data.revision else ""
    config = f", {data.config!r}" if data.config else ""
    renamed = {data.input_column: "text", data.label_column: "label"} | {
        own: name for name, own in data.columns.items()
    }
    renamed = {own: name for own, name in renamed.items() if own != name}
    lines = [f"rows = load_dataset({data.id!r}{config}, split={data.train_split!r}{more})"]
    single = part.spec.task in {"text-classification", "image-classification", "audio-classification"}
    if single:
        lines += [
            f"if not isinstance(rows.features[{data.label_column!r}], ClassLabel):",
            f"    rows = rows.class_encode_column({data.label_column!r})",
        ]
    if data.eval_split:
        lines.append(f"held = load_dataset({data.id!r}{config}, split={data.eval_split!r}{more})")
        if single:
            lines.append(f"held = held.cast_column({data.label_column!r}, rows.features[{data.label_column!r}])")
    else:
        stratified = f", stratify_by_column={data.label_column!r}" if single else ""
        lines += [
            f"parts = rows.train_test_split(test_size={data.eval_fraction!r}, seed={data.split_seed}{stratified})",
            'rows, held = parts["train"], parts["test"]',
        ]
    names = f".rename_columns({renamed!r})" if renamed else ""
    lines += [
        f'ROWS = {{"train": rows{names}, "eval": held{names}}}',
        "",
        "",
        "def read(split):",
        "    return ROWS[split]",
    ]
    writer.add("\n".join(lines))


def add_labels(part: Part) -> None:
    """`LABELS`: the names behind the indices."""
    data = part.spec.data
    if isinstance(data, ArtifactData):
        part.writer.add(f"LABELS = {list(data.labels)!r}")
    else:
        part.writer.add(f"LABELS = ROWS['train'].features[{data.label_column!r}].names")


def add_tokenizer(part: Part, *, words: bool = False) -> None:
    """`tokenizer`. `words`: it reads lists of words."""
    processor = part.spec.processor
    source = part.spec.model if isinstance(processor, ModelProcessor) else processor
    part.writer.use("transformers", "AutoTokenizer")
    match source:
        case TrainedTokenizer():
            place = 'HERE / "tokenizer"'
        case HubModel():
            place = repr(source.id) + (f", revision={source.revision!r}" if source.revision else "")
        case FolderModel():
            place = repr(source.path)
        case _:
            raise LookupError(f"a processor of source {source.source} is no tokenizer")
    lines = [f"tokenizer = AutoTokenizer.from_pretrained({place})"]
    if words and not isinstance(source, TrainedTokenizer):
        lines += [
            'if getattr(tokenizer, "add_prefix_space", None) is False:',
            f"    tokenizer = AutoTokenizer.from_pretrained({place}, add_prefix_space=True)",
        ]
    part.writer.add("\n".join(lines))


def split_lines(part: Part, *settings: str, listed: bool = True) -> tuple[str, ...]:
    """The lines that set `train` and `evaluation` by `load(split, *settings)`. `listed`: it gives lists."""
    more = "".join(f", {part.setting(name)}" for name in settings)
    fraction = kept(part, listed=listed)
    train = f'load("train"{more})'
    return (
        f"train = share({train}, {fraction})" if fraction else f"train = {train}",
        f'evaluation = load("eval"{more})',
    )


def kept(part: Part, *, listed: bool = False) -> str:
    """The expression of the training fraction; empty when every trial takes all rows. Adds `share(rows, fraction)`."""
    if not takes_a_share(part):
        return ""
    part.writer.use("numpy as np")
    chosen = "[rows[index] for index in chosen]" if listed else "rows.select(chosen)"
    part.writer.add(
        f'''
        def share(rows, fraction):
            """The same rows for the same fraction; a smaller share is part of every larger one."""
            if fraction >= 1:
                return rows
            order = np.random.default_rng({part.spec.seed}).permutation(len(rows))
            chosen = np.sort(order[: max(1, int(len(rows) * fraction))])
            return {chosen}
        '''
    )
    return part.setting("train_fraction")


def takes_a_share(part: Part) -> bool:
    """Whether a trial may train on less than all rows."""
    return part.is_searched("train_fraction") or part.fixed_setting("train_fraction") != 1
