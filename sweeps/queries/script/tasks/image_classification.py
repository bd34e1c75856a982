"""Single-label image classification."""

from runners.protocol.spec import ConfigModel, NewImageProcessor
from sweeps.queries.script.data import LABELS, add_labels, add_rows, kept
from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.tasks.text_classification import METRICS


def image_classification(part: Part) -> TaskCode:
    """Writes the data section and the metrics."""
    writer, spec = part.writer, part.spec
    add_rows(part)
    add_labels(part)
    for module in ("io", "functools", "torch"):
        writer.use(module)
    writer.use("sklearn", "metrics")
    writer.use("PIL", "Image")
    mode = "RGB"
    if isinstance(spec.processor, NewImageProcessor) and isinstance(spec.model, ConfigModel):
        writer.use("transformers.models.vit.image_processing_pil_vit", "ViTImageProcessorPil")
        side = part.fixed_setting("image_size") or spec.model.fields.get("image_size", 224)
        channels = spec.model.fields.get("num_channels", 3)
        mode = "L" if channels == 1 else "RGB"
        size = f'{{"height": {side}, "width": {side}}}'
        writer.add(
            f"processor = ViTImageProcessorPil(size={size}, image_mean=[0.5] * {channels}, image_std=[0.5] * {channels})"
        )
    else:
        writer.use("transformers", "AutoImageProcessor")
        place = getattr(spec.processor, "id", getattr(spec.processor, "path", None))
        place = place or getattr(spec.model, "id", getattr(spec.model, "path", None))
        writer.add(f"processor = AutoImageProcessor.from_pretrained({place!r})")
    writer.add(
        f"""
        @functools.cache
        def load(split):
            rows = read(split)
            images = [Image.open(io.BytesIO(image)).convert("{mode}") for image in rows["image"]]
            pixels = processor(images, return_tensors="pt")["pixel_values"]
            return Pixels(pixels, torch.tensor(rows["label"]))


        class Pixels(torch.utils.data.Dataset):
            def __init__(self, pixels, labels):
                self.pixels, self.labels = pixels, labels

            def __len__(self):
                return len(self.labels)

            def __getitem__(self, row):
                return {{"pixel_values": self.pixels[row], "labels": int(self.labels[row])}}

            def select(self, rows):
                return Pixels(self.pixels[rows], self.labels[rows])
        """
    )
    fraction = kept(part)
    writer.add(METRICS)
    return TaskCode(
        datasets=(
            f'train = share(load("train"), {fraction})' if fraction else 'train = load("train")',
            'evaluation = load("eval")',
        ),
        collator="None",
        processor="processor",
        labels=LABELS,
    )
