"""The head of a script: what it is, what lies beside it, which versions it was made for."""

from collections.abc import Mapping
from typing import Final

from runners.protocol.spec import ArtifactData, TrainedTokenizer
from sweeps.queries.script.parts import Part

ALWAYS: Final = ("torch", "transformers", "accelerate", "datasets")
FURTHER: Final = {
    "text": ("scikit-learn",),
    "image": ("scikit-learn", "pillow"),
    "audio": ("scikit-learn", "soundfile"),
}


def header(part: Part, title: str, versions: Mapping[str, str]) -> str:
    """The docstring."""
    lines = [title, "", "Plain transformers, as hpweb ran it. Every line that a plain search would need and forget is"]
    lines += ['marked "Repair".', ""]
    needed = needs(part)
    if needed:
        lines.append(f"Beside this file: {', '.join(needed)}.")
    packages = (*ALWAYS, part.spec.backend.name, "scikit-learn")
    pins = " ".join(f"{name}=={versions[name]}" if name in versions else name for name in packages)
    return "\n".join([*lines, f"pip install {pins}", ""])


def needs(part: Part) -> tuple[str, ...]:
    """Names of the files that the script reads."""
    spec = part.spec
    files = ("train.parquet", "eval.parquet") if isinstance(spec.data, ArtifactData) else ()
    return (*files, "tokenizer/") if isinstance(spec.processor, TrainedTokenizer) else files
