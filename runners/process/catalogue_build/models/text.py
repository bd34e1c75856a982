"""Model types that read texts."""

from typing import Final

from runners.process.catalogue_build.models.architecture import Architecture

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

TEXT_TYPES: Final[dict[str, Architecture]] = {
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
    "gpt2": Architecture(
        "GPT-2",
        "text",
        (
            "n_embd",
            "n_layer",
            "n_head",
            "n_inner",
            "n_positions",
            "activation_function",
            "resid_pdrop",
            "embd_pdrop",
            "attn_pdrop",
            "initializer_range",
        ),
    ),
    "t5": Architecture(
        "T5", "text", ("d_model", "d_kv", "d_ff", "num_layers", "num_heads", "dropout_rate", "initializer_factor")
    ),
    "bart": Architecture(
        "BART",
        "text",
        (
            "d_model",
            "encoder_layers",
            "decoder_layers",
            "encoder_attention_heads",
            "decoder_attention_heads",
            "encoder_ffn_dim",
            "decoder_ffn_dim",
            "max_position_embeddings",
            "dropout",
            "attention_dropout",
            "activation_dropout",
            "init_std",
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
}
