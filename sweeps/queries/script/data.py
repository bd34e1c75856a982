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


def add_tokenizer(part: Part) -> None:
    """`tokenizer`."""
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
    part.writer.add(f"tokenizer = AutoTokenizer.from_pretrained({place})")


def kept(part: Part) -> str:
    """`.select(…)` of the training fraction, or nothing when every trial takes all rows. `rows` is in scope."""
    if not part.is_searched("train_fraction") and part.fixed_setting("train_fraction") == 1:
        return ""
    part.writer.use("numpy as np")
    part.writer.add(
        f'''
        def share(rows, fraction):
            """The same rows for the same fraction; a smaller share is part of every larger one."""
            if fraction >= 1:
                return rows
            order = np.random.default_rng({part.spec.seed}).permutation(len(rows))
            return rows.select(np.sort(order[: max(1, int(len(rows) * fraction))]))
        '''
    )
    return part.setting("train_fraction")
