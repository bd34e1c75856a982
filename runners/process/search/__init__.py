"""Search backends: one module per backend, each calling `Trainer.hyperparameter_search` in its way."""
