"""The name of a trained tokenizer: it is trained once for a data set and kept."""

import hashlib
import json

from runners.protocol.spec import SweepSpec, TrainedTokenizer

_FORMAT = 1


def tokenizer_key(spec: SweepSpec) -> str | None:
    """SHA-256 over the data and the tokenizer's settings; None where the spec trains no tokenizer."""
    if not isinstance(spec.processor, TrainedTokenizer):
        return None
    data = spec.data.model_dump(mode="json") if spec.data.source == "hub" else spec.data.digest
    told = {"format": _FORMAT, "data": data, "tokenizer": spec.processor.model_dump(mode="json")}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
