"""Handwritten digits: scikit-learn's 1,797 grey images of 8 × 8 pixels."""

import io

import numpy as np
import pyarrow as pa
from PIL import Image

from sweeps.services.datasets.packages.base import Examples, Options, PackageData


def load(_options: Options) -> Examples:
    """Each image as a grey PNG, in scikit-learn's order. Its 17 levels of grey are spread over 0 to 255."""
    from sklearn.datasets import load_digits

    images, targets = load_digits(return_X_y=True)
    pixels = np.rint(images.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    return Examples(
        {
            "image": pa.array([_png(image) for image in pixels], pa.binary()),
            "label": pa.array([str(target) for target in targets], pa.string()),
        }
    )


def _png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


DATA = PackageData(
    key="digits",
    title="Handwritten digits",
    layout="image-classification",
    description="1,797 grey images of 8 × 8 pixels, ten classes. A tiny vision transformer trains on them in seconds.",
    source="scikit-learn's load_digits: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI, CC BY 4.0.",
    load=load,
)
