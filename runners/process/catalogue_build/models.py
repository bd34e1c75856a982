"""Model types that can be built from a config, and what their config fields mean."""

from typing import Final, NamedTuple

from runners.process.catalogue_build.words import Words
from runners.protocol.catalogue.shapes import Modality

_ACTIVATIONS: Final = ("gelu", "gelu_new", "relu", "silu", "tanh")
_LIST = "only single values can be searched."
_IMAGES = "the images are prepared once, for all trials."
_VOCABULARY = "it comes from the tokenizer."


def _size(help_: str, low: int, high: int, step: int) -> Words:
    return Words(help_, "size", 1, search=(low, high, step), reshapes=True)


def _dropout(help_: str) -> Words:
    return Words(help_, "regularisation", 0, 0.999, search=(0.0, 0.5))


FIELDS: Final[dict[str, Words]] = {
    "hidden_size": _size("Width of the layers; a multiple of the attention heads.", 64, 256, 64),
    "dim": _size("Width of the layers; a multiple of the attention heads.", 64, 256, 64),
    "embed_dim": _size("Width of the first stage; each stage doubles it.", 24, 96, 24),
    "embedding_size": _size("Width of the embeddings.", 32, 128, 32),
    "num_hidden_layers": _size("Number of layers.", 1, 6, 1),
    "n_layers": _size("Number of layers.", 1, 6, 1),
    "num_attention_heads": Words(
        "Attention heads of each layer; must divide the width.", "size", 1, search=[2, 4, 8], reshapes=True
    ),
    "n_heads": Words(
        "Attention heads of each layer; must divide the width.", "size", 1, search=[2, 4, 8], reshapes=True
    ),
    "intermediate_size": _size("Width of the feed-forward part.", 128, 1024, 128),
    "hidden_dim": _size("Width of the feed-forward part.", 128, 1024, 128),
    "mlp_ratio": Words(
        "Width of the feed-forward part over the width of the layer.", "size", 0.1, search=(1.0, 4.0), reshapes=True
    ),
    "max_position_embeddings": Words(
        "The longest sequence the model can read, in tokens.",
        "size",
        1,
        reason="data.max_length decides.",
        reshapes=True,
    ),
    "num_hidden_groups": _size("Groups of layers that share their weights.", 1, 3, 1),
    "inner_group_num": _size("Layers inside each repeated block.", 1, 2, 1),
    "hidden_act": Words("The activation.", "size", choices=_ACTIVATIONS, search=["gelu", "relu", "silu"]),
    "activation": Words("The activation.", "size", choices=("gelu", "relu"), search=["gelu", "relu"]),
    "relative_attention": Words("Attend by distance between tokens too.", "size", reason=_VOCABULARY, reshapes=True),
    "position_biased_input": Words("Add absolute positions to the input.", "size", search=[True, False], reshapes=True),
    "type_vocab_size": Words("Kinds of segments.", "size", 0, reason=_VOCABULARY, reshapes=True),
    "hidden_dropout_prob": _dropout("Dropout of the layers."),
    "attention_probs_dropout_prob": _dropout("Dropout of the attention weights."),
    "dropout": _dropout("Dropout of the layers."),
    "attention_dropout": _dropout("Dropout of the attention weights."),
    "classifier_dropout": _dropout("Dropout before the classifier."),
    "classifier_dropout_prob": _dropout("Dropout before the classifier."),
    "seq_classif_dropout": _dropout("Dropout before the classifier."),
    "pooler_dropout": _dropout("Dropout of the pooled state."),
    "drop_path_rate": _dropout("How often a whole block is skipped in training."),
    "initializer_range": Words("Standard deviation of the first weights.", "start", 0, 10, search=(0.005, 0.1, "log")),
    "layer_norm_eps": Words("Keeps the layer norm's division finite.", "start", 0, 1, search=(1e-12, 1e-5, "log")),
    "layer_scale_init_value": Words("First scale of each block.", "start", 0, 10, search=(1e-7, 1e-1, "log")),
    "image_size": Words("Side of the images, in pixels.", "images", 1, reason=_IMAGES, reshapes=True),
    "num_channels": Words("Channels of the images: 3 for colour.", "images", 1, 4, reason=_IMAGES, reshapes=True),
    "patch_size": Words("Side of a patch, in pixels.", "images", 1, search=[2, 4, 8], reshapes=True),
    "window_size": Words("Side of the attention window, in patches.", "images", 1, search=[2, 4, 7], reshapes=True),
    "qkv_bias": Words("Biases in the attention.", "size", search=[True, False], reshapes=True),
    "use_absolute_embeddings": Words("Add absolute positions.", "size", search=[False, True], reshapes=True),
    "hidden_sizes": Words("Width of each stage.", "size", reason=_LIST, reshapes=True),
    "depths": Words("Layers of each stage.", "size", reason=_LIST, reshapes=True),
    "num_heads": Words("Attention heads of each stage.", "size", reason=_LIST, reshapes=True),
    "num_stages": Words(
        "Number of stages.", "size", 1, reason="the lists of widths and depths must match it.", reshapes=True
    ),
    "layer_type": Words(
        "The residual block.",
        "size",
        choices=("basic", "bottleneck"),
        search=["basic", "bottleneck"],
        reshapes=True,
    ),
    "downsample_in_first_stage": Words(
        "Halve the image in the first stage.", "size", search=[False, True], reshapes=True
    ),
}


class Architecture(NamedTuple):
    label: str
    modality: Modality
    fields: tuple[str, ...]


_BERT = (
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "max_position_embeddings",
    "hidden_act",
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "classifier_dropout",
    "initializer_range",
    "layer_norm_eps",
)
_VIT = (
    "image_size",
    "patch_size",
    "num_channels",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "hidden_act",
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "qkv_bias",
    "initializer_range",
    "layer_norm_eps",
)
_CONVNEXT = (
    "num_channels",
    "patch_size",
    "num_stages",
    "hidden_sizes",
    "depths",
    "hidden_act",
    "drop_path_rate",
    "initializer_range",
    "layer_norm_eps",
)

MODEL_TYPES: Final[dict[str, Architecture]] = {
    "bert": Architecture("BERT", "text", _BERT),
    "distilbert": Architecture(
        "DistilBERT",
        "text",
        (
            "dim",
            "n_layers",
            "n_heads",
            "hidden_dim",
            "max_position_embeddings",
            "activation",
            "dropout",
            "attention_dropout",
            "seq_classif_dropout",
            "initializer_range",
        ),
    ),
    "roberta": Architecture("RoBERTa", "text", _BERT),
    "electra": Architecture("ELECTRA", "text", ("embedding_size", *_BERT)),
    "albert": Architecture(
        "ALBERT",
        "text",
        (
            "embedding_size",
            *(name for name in _BERT if name != "classifier_dropout"),
            "num_hidden_groups",
            "inner_group_num",
            "classifier_dropout_prob",
        ),
    ),
    "deberta-v2": Architecture(
        "DeBERTa v2",
        "text",
        (
            *(name for name in _BERT if name != "classifier_dropout"),
            "relative_attention",
            "position_biased_input",
            "pooler_dropout",
        ),
    ),
    "vit": Architecture("ViT", "image", _VIT),
    "deit": Architecture("DeiT", "image", _VIT),
    "convnext": Architecture("ConvNeXT", "image", (*_CONVNEXT, "layer_scale_init_value")),
    "convnextv2": Architecture("ConvNeXT v2", "image", _CONVNEXT),
    "resnet": Architecture(
        "ResNet",
        "image",
        (
            "num_channels",
            "embedding_size",
            "hidden_sizes",
            "depths",
            "layer_type",
            "hidden_act",
            "downsample_in_first_stage",
        ),
    ),
    "swin": Architecture(
        "Swin",
        "image",
        (
            "image_size",
            "patch_size",
            "num_channels",
            "embed_dim",
            "depths",
            "num_heads",
            "window_size",
            "mlp_ratio",
            "hidden_act",
            "hidden_dropout_prob",
            "attention_probs_dropout_prob",
            "drop_path_rate",
            "qkv_bias",
            "use_absolute_embeddings",
            "initializer_range",
            "layer_norm_eps",
        ),
    ),
}
