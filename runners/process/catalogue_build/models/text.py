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
