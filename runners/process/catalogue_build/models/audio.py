"""Model types that hear sounds."""

from typing import Final

from runners.process.catalogue_build.models.architecture import Architecture

_WAVE = (
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "conv_dim",
    "conv_stride",
    "conv_kernel",
    "num_conv_pos_embeddings",
    "num_conv_pos_embedding_groups",
    "classifier_proj_size",
    "feat_extract_norm",
    "hidden_act",
    "hidden_dropout",
    "activation_dropout",
    "attention_dropout",
    "feat_proj_dropout",
    "final_dropout",
    "layerdrop",
    "apply_spec_augment",
    "mask_time_prob",
    "mask_time_length",
    "initializer_range",
    "layer_norm_eps",
)

AUDIO_TYPES: Final[dict[str, Architecture]] = {
    "wav2vec2": Architecture("Wav2Vec2", "audio", _WAVE),
    "hubert": Architecture("HuBERT", "audio", _WAVE),
    "audio-spectrogram-transformer": Architecture(
        "Audio Spectrogram Transformer",
        "audio",
        (
            "max_length",
            "num_mel_bins",
            "patch_size",
            "frequency_stride",
            "time_stride",
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
        ),
    ),
}
