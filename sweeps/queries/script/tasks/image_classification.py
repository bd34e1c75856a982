"""Single-label image classification."""

from runners.protocol.spec import ConfigModel, NewImageProcessor
from sweeps.queries.script.data import LABELS, add_labels, add_rows, split_lines
from sweeps.queries.script.model import base_config, place_of_processor
from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.tasks.text_classification import METRICS

ROWS = """
class Pixels(torch.utils.data.Dataset):
    def __init__(self, pixels, labels):
        self.pixels, self.labels = pixels, labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, row):
        return {"pixel_values": self.pixels[row], "labels": int(self.labels[row])}

    def select(self, rows):
        return Pixels(self.pixels[rows], self.labels[rows])


@functools.cache
def load(split):
    rows = read(split)
    opened = [Image.open(io.BytesIO(image)) if isinstance(image, bytes) else image for image in rows["image"]]
    pixels = processor([image.convert(MODE) for image in opened], return_tensors="pt")["pixel_values"]
    return Pixels(pixels, torch.tensor(list(rows["label"])))
"""

AUGMENTED = '''
class Augmented(torch.utils.data.Dataset):
    """Images changed at random each time; what comes in from outside is the edge, repeated."""

    def __init__(self, rows, flip, crop, rotation):
        self.rows, self.flip, self.crop, self.rotation = rows, flip, crop, rotation

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, row):
        item = self.rows[row]
        pixels = item["pixel_values"]
        if self.flip and torch.rand(()) < 0.5:
            pixels = pixels.flip(-1)
        if self.crop:
            down, right = torch.randint(-self.crop, self.crop + 1, (2,)).tolist()
            _, height, width = pixels.shape
            pixels = pixels[:, (torch.arange(height) - down).clamp(0, height - 1)]
            pixels = pixels[:, :, (torch.arange(width) - right).clamp(0, width - 1)]
        if self.rotation:
            pixels = turned(pixels, (2 * float(torch.rand(())) - 1) * self.rotation)
        return {**item, "pixel_values": pixels.contiguous()}


def turned(pixels, degrees):
    _, height, width = pixels.shape
    cos, sin = float(np.cos(np.deg2rad(degrees))), float(np.sin(np.deg2rad(degrees)))
    matrix = torch.tensor([[[cos, sin * height / width, 0.0], [-sin * width / height, cos, 0.0]]])
    grid = functional.affine_grid(matrix, [1, *pixels.shape], align_corners=False)
    batch = pixels.contiguous().unsqueeze(0)
    return functional.grid_sample(batch, grid, mode="bilinear", padding_mode="border", align_corners=False)[0]
'''
CHANGES = ("flip", "crop", "rotation")


def image_classification(part: Part) -> TaskCode:
    """Writes the data section and the metrics."""
    writer = part.writer
    add_rows(part)
    add_labels(part)
    for module in ("io", "functools", "torch"):
        writer.use(module)
    writer.use("sklearn", "metrics")
    writer.use("PIL", "Image")
    _add_processor(part)
    writer.add(ROWS)
    datasets = split_lines(part, listed=False)
    if any(part.is_searched(name) or part.fixed_setting(name) for name in CHANGES):
        writer.use("numpy as np")
        writer.use("torch.nn", "functional")
        writer.add(AUGMENTED)
        changed = f"train = Augmented(train, {part.settings(*CHANGES)})"
        datasets = (datasets[0], changed, datasets[1])
    writer.add(METRICS)
    return TaskCode(datasets=datasets, collator="None", processor="processor", labels=LABELS)


def _add_processor(part: Part) -> None:
    """`processor`, and `MODE`: the colours that the model sees."""
    writer, spec = part.writer, part.spec
    lines = []
    own = isinstance(spec.processor, NewImageProcessor)
    if isinstance(spec.model, ConfigModel) and "num_channels" in spec.model.fields:
        channels = repr(spec.model.fields["num_channels"])
        lines.append(f"MODE = {'L' if channels == '1' else 'RGB'!r}")
    else:
        lines.append(f"shape = {base_config(part)}")
        channels = 'getattr(shape, "num_channels", 3)'
        lines.append(f'MODE = "L" if {channels} == 1 else "RGB"')
    if own:
        writer.use("transformers.models.vit.image_processing_pil_vit", "ViTImageProcessorPil")
        side = part.fixed_setting("image_size")
        if isinstance(spec.model, ConfigModel):
            side = side or spec.model.fields.get("image_size")
        if side is None:
            if not lines[0].startswith("shape"):
                lines.insert(0, f"shape = {base_config(part)}")
            lines.append('side = getattr(shape, "image_size", 224)')
            lines.append("height, width = side if isinstance(side, list | tuple) else (side, side)")
            size = '{"height": height, "width": width}'
        else:
            height, width = side if isinstance(side, list) else (side, side)
            size = repr({"height": height, "width": width})
        normal = f"image_mean=[0.5] * {channels}, image_std=[0.5] * {channels}"
        lines.append(f"processor = ViTImageProcessorPil(size={size}, {normal})")
    else:
        writer.use("transformers", "AutoImageProcessor")
        lines.append(f"processor = AutoImageProcessor.from_pretrained({place_of_processor(part)})")
    writer.add("\n".join(lines))
