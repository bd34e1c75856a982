"""The accuracy of a model folder on a Parquet file, by nothing of hpweb: `python -m tests.e2e.evaluate text FOLDER FILE MAX_LENGTH`."""

import io
import sys

import pyarrow.parquet as pq
import torch
from PIL import Image
from transformers import (
    AutoImageProcessor,
    AutoModelForImageClassification,
    AutoModelForSequenceClassification,
    AutoTokenizer,
)


@torch.no_grad()
def accuracy(kind: str, folder: str, file: str, max_length: int) -> float:
    torch.set_num_threads(1)
    rows = pq.read_table(file).to_pylist()
    if kind == "text":
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModelForSequenceClassification.from_pretrained(folder)
    else:
        processor = AutoImageProcessor.from_pretrained(folder)  # type: ignore[no-untyped-call]  # left untyped upstream
        model = AutoModelForImageClassification.from_pretrained(folder)
    model.eval()
    right = 0
    for begin in range(0, len(rows), 64):
        batch = rows[begin : begin + 64]
        if kind == "text":
            texts = [row["text"] for row in batch]
            inputs = tokenizer(texts, truncation=True, max_length=max_length, padding=True, return_tensors="pt")
        else:
            images = [Image.open(io.BytesIO(row["image"])).convert("RGB") for row in batch]
            inputs = processor(images, return_tensors="pt")
        predicted = model(**inputs).logits.argmax(-1).tolist()
        right += sum(label == row["label"] for label, row in zip(predicted, batch, strict=True))
    return right / len(rows)


if __name__ == "__main__":
    print(accuracy(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
