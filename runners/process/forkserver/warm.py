"""What a child would import, imported once. Import only: no tensor, no thread pool, no CUDA."""

import contextlib
import importlib
import os
from collections.abc import Iterable

# Attributes matter: transformers loads its submodules when a name is first looked up.
WARM = (
    "torch",
    "torch.utils.data",
    "numpy",
    "pyarrow.parquet",
    "datasets",
    "tokenizers",
    "safetensors.torch",
    "optuna",
    "optuna.storages.journal",
    "optuna.samplers",
    "optuna.pruners",
    "sklearn.metrics",
    "PIL.Image",
    "soundfile",
    "accelerate",
    "transformers:Trainer",
    "transformers:TrainingArguments",
    "transformers:TrainerCallback",
    "transformers:DataCollatorWithPadding",
    "transformers:AutoConfig",
    "transformers:AutoTokenizer",
    "transformers:AutoImageProcessor",
    "transformers:AutoFeatureExtractor",
    "transformers:AutoModelForSequenceClassification",
    "transformers:AutoModelForTokenClassification",
    "transformers:AutoModelForQuestionAnswering",
    "transformers:AutoModelForImageClassification",
    "transformers:AutoModelForAudioClassification",
    "transformers:DataCollatorForTokenClassification",
    "transformers:PreTrainedTokenizerFast",
    "transformers.models.bert.modeling_bert",
    "transformers.models.distilbert.modeling_distilbert",
    "transformers.models.vit.modeling_vit",
    "transformers.models.vit.image_processing_vit",
    "transformers.integrations",
    "runners.optimizers",
    "runners.process.child",
)


def warm_up(names: Iterable[str] = WARM) -> list[str]:
    """Import `module` or `module:attribute` each. Returns what could not be had, which costs time later, no more."""
    missing = []
    for name in names:
        module, _, attribute = name.partition(":")
        try:
            loaded = importlib.import_module(module)
            if attribute:
                getattr(loaded, attribute)
        except Exception as error:  # noqa: BLE001 - an optional package may fail in any way
            missing.append(f"{name} ({type(error).__name__}: {error})"[:300])
    return missing


def count_threads() -> int:
    """Threads of this process as the kernel sees them, native ones included; 1 where that cannot be known."""
    with contextlib.suppress(OSError):
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - names are all that is wanted
    return 1


def resident_bytes() -> int:
    """Resident memory of this process, 0 where that cannot be known."""
    with contextlib.suppress(OSError, ValueError), open("/proc/self/statm") as file:  # noqa: PTH123 - not a path of ours
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    return 0
