"""What the config fields of model types mean."""

from typing import Final

from runners.process.catalogue_build.words import Words

_ACTIVATIONS: Final = ("gelu", "gelu_new", "relu", "silu", "tanh")
_LIST = "only single values can be searched."
_IMAGES = "the images are prepared once, for all trials."
_SOUNDS = "the sounds are prepared once, for all trials."
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
    "n_embd": _size("Width of the layers; a multiple of the attention heads.", 64, 256, 64),
    "n_layer": _size("Number of layers.", 1, 6, 1),
    "n_head": Words(
        "Attention heads of each layer; must divide the width.", "size", 1, search=[2, 4, 8], reshapes=True
    ),
    "n_inner": _size("Width of the feed-forward part; four times the layer's by default.", 128, 1024, 128),
    "n_positions": Words(
        "The longest sequence the model can read, in tokens.",
        "size",
        1,
        reason="data.max_length decides.",
        reshapes=True,
    ),
    "activation_function": Words("The activation.", "size", choices=_ACTIVATIONS, search=["gelu", "relu", "silu"]),
    "resid_pdrop": _dropout("Dropout of the layers."),
    "embd_pdrop": _dropout("Dropout of the embeddings."),
    "attn_pdrop": _dropout("Dropout of the attention weights."),
    "d_model": _size("Width of the layers; a multiple of the attention heads.", 64, 256, 64),
    "d_kv": _size("Width of an attention head.", 8, 64, 8),
    "d_ff": _size("Width of the feed-forward part.", 128, 1024, 128),
    "num_layers": _size("Layers of the encoder, and of the decoder.", 1, 6, 1),
    "dropout_rate": _dropout("Dropout of the layers."),
    "initializer_factor": Words("Scale of the first weights.", "start", 0, 10, search=(0.05, 1.0, "log")),
    "encoder_layers": _size("Layers of the encoder.", 1, 6, 1),
    "decoder_layers": _size("Layers of the decoder.", 1, 6, 1),
    "encoder_attention_heads": Words(
        "Attention heads of each layer; must divide the width.", "size", 1, search=[2, 4, 8], reshapes=True
    ),
    "decoder_attention_heads": Words(
        "Attention heads of each layer; must divide the width.", "size", 1, search=[2, 4, 8], reshapes=True
    ),
    "encoder_ffn_dim": _size("Width of the encoder's feed-forward part.", 128, 1024, 128),
    "decoder_ffn_dim": _size("Width of the decoder's feed-forward part.", 128, 1024, 128),
    "init_std": Words("Standard deviation of the first weights.", "start", 0, 10, search=(0.005, 0.1, "log")),
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
    "hidden_dropout": _dropout("Dropout of the layers."),
    "activation_dropout": _dropout("Dropout inside the feed-forward part."),
    "feat_proj_dropout": _dropout("Dropout between the convolutions and the layers."),
    "final_dropout": _dropout("Dropout of the last state."),
    "layerdrop": _dropout("How often a whole layer is skipped in training."),
    "conv_dim": Words("Width of each convolution over the sound.", "sound", reason=_LIST, reshapes=True),
    "conv_stride": Words("Stride of each convolution over the sound.", "sound", reason=_LIST, reshapes=True),
    "conv_kernel": Words("Length of each convolution over the sound.", "sound", reason=_LIST, reshapes=True),
    "num_conv_pos_embeddings": Words(
        "Frames that the convolution for positions sees.", "sound", 1, search=[16, 32, 64, 128], reshapes=True
    ),
    "num_conv_pos_embedding_groups": Words(
        "Groups of the convolution for positions; must divide the width.", "sound", 1, search=[4, 8, 16], reshapes=True
    ),
    "classifier_proj_size": _size("Width of the last state before the classifier.", 64, 256, 64),
    "feat_extract_norm": Words(
        "The norm of the convolutions: one of the first alone, or one of each.",
        "sound",
        choices=("group", "layer"),
        search=["group", "layer"],
        reshapes=True,
    ),
    "apply_spec_augment": Words("Hide stretches of the sound in training.", "masking", search=[True, False]),
    "mask_time_prob": Words("The share of the frames that is hidden in training.", "masking", 0, 0.999, (0.0, 0.2)),
    "mask_time_length": Words("Frames in a hidden stretch.", "masking", 1, search=[2, 5, 10]),
    "max_length": Words("Frames of the spectrogram; longer sounds are cut.", "sound", 1, reason=_SOUNDS, reshapes=True),
    "num_mel_bins": Words("Bands of the spectrogram.", "sound", 1, reason=_SOUNDS, reshapes=True),
    "frequency_stride": Words("Bands between two patches.", "sound", 1, search=[8, 10, 16], reshapes=True),
    "time_stride": Words("Frames between two patches.", "sound", 1, search=[8, 10, 16], reshapes=True),
}
