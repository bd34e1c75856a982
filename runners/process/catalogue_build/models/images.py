"""Model types that see images."""

from typing import Final

from runners.process.catalogue_build.models.architecture import Architecture

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


IMAGE_TYPES: Final[dict[str, Architecture]] = {
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
