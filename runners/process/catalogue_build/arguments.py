"""Training arguments: which a sweep may fix or search, and why it may not touch the others."""

from typing import Final

from runners.process.catalogue_build.words import Words

_ONCE = "the Trainer reads it once, when it is made, and one Trainer serves all trials."
_MIXED = "precision cannot change between the trials of one process."
_OTHER = "a property of the machine, not of the model."
_RECORD = "it changes what is recorded, not what is learned."

_OPTIMIZERS: Final = ("adamw_torch", "adamw_torch_fused", "adafactor", "sgd", "adagrad", "rmsprop")
"""Those that need no further package."""

ARGUMENTS: Final[dict[str, Words]] = {
    # Optimisation
    "learning_rate": Words(
        "The highest learning rate of the schedule.", "optimisation", 0, 10, search=(1e-5, 1e-3, "log")
    ),
    "optim": Words(
        "The optimizer.", "optimisation", choices=_OPTIMIZERS, search=["adamw_torch_fused", "adafactor", "sgd"]
    ),
    "weight_decay": Words("Decoupled decay of all weights but biases and norms.", "optimisation", 0, 10, (0.0, 0.3)),
    "adam_beta1": Words("How slowly Adam's mean of the gradients forgets.", "optimisation", 0, 0.9999, (0.8, 0.99)),
    "adam_beta2": Words(
        "How slowly Adam's mean of the squared gradients forgets.", "optimisation", 0, 0.999999, (0.9, 0.9999)
    ),
    "adam_epsilon": Words("Keeps Adam's division finite.", "optimisation", 0, 1, (1e-9, 1e-6, "log")),
    "max_grad_norm": Words("Gradients longer than this are cut; 0 cuts nothing.", "optimisation", 0, search=(0.1, 5.0)),
    "optim_args": Words("Further settings of the optimizer, name=value with commas.", "optimisation", reason=_ONCE),
    # Schedule
    "num_train_epochs": Words("Passes over the training rows; a part of one is allowed.", "schedule", 0, search=(1, 5)),
    "max_steps": Words(
        "Optimizer steps in all; above 0 it overrides the epochs.",
        "schedule",
        -1,
        reason="search num_train_epochs; a positive max_steps would override it silently.",
    ),
    "lr_scheduler_type": Words(
        "How the learning rate moves after the warm-up.",
        "schedule",
        search=["linear", "cosine", "constant_with_warmup", "polynomial"],
    ),
    "lr_scheduler_kwargs": Words(
        "Further settings of the schedule.", "schedule", reason="only single values can be searched."
    ),
    "warmup_steps": Words(
        "Steps until the full learning rate; below 1 a part of all steps.", "schedule", 0, search=(0.0, 0.3)
    ),
    # Regularisation
    "label_smoothing_factor": Words(
        "The share of each label that is spread over all labels.", "regularisation", 0, 0.999, reason=_ONCE
    ),
    "neftune_noise_alpha": Words("Noise on the embeddings in training.", "regularisation", 0, reason=_ONCE),
    # Batches
    "per_device_train_batch_size": Words(
        "Rows in a training batch on one device.", "batches", 1, search=[4, 8, 16, 32, 64]
    ),
    "per_device_eval_batch_size": Words("Rows in an evaluation batch on one device.", "batches", 1, reason=_OTHER),
    "gradient_accumulation_steps": Words("Batches before an optimizer step.", "batches", 1, search=[1, 2, 4]),
    "dataloader_drop_last": Words("Leave out the last batch when it is not full.", "batches", search=[False, True]),
    "train_sampling_strategy": Words(
        "Order of the rows: at random, as stored, or rows of like length together.",
        "batches",
        choices=("random", "sequential", "group_by_length"),
        search=["random", "group_by_length"],
    ),
    "dataloader_num_workers": Words("Processes that load data ahead.", "batches", 0, 64, reason=_OTHER),
    "dataloader_pin_memory": Words("Page-locked memory for quicker copies to the GPU.", "batches", reason=_OTHER),
    "eval_accumulation_steps": Words(
        "Evaluation batches kept on the device before they move to memory.", "batches", 1, reason=_OTHER
    ),
    # Evaluation and records
    "eval_strategy": Words(
        "When the model is evaluated: never, every eval_steps, or after each epoch.", "evaluation", reason=_RECORD
    ),
    "eval_steps": Words("Steps between two evaluations; below 1 a part of all steps.", "evaluation", 0, reason=_RECORD),
    "eval_delay": Words("Epochs or steps before the first evaluation.", "evaluation", 0, reason=_RECORD),
    "eval_on_start": Words("Evaluate once before training.", "evaluation", reason=_RECORD),
    "logging_strategy": Words(
        "When the training loss is logged: never, every logging_steps, or after each epoch.",
        "evaluation",
        reason=_RECORD,
    ),
    "logging_steps": Words(
        "Steps between two log lines; below 1 a part of all steps.", "evaluation", 0, reason=_RECORD
    ),
    "logging_first_step": Words("Log the first step too.", "evaluation", reason=_RECORD),
    # Precision and memory
    "bf16": Words("Train in bfloat16 where that is safe; needs a GPU that has it.", "precision", reason=_MIXED),
    "fp16": Words("Train in float16 where that is safe; needs a GPU.", "precision", reason=_MIXED),
    "bf16_full_eval": Words("Evaluate in bfloat16 throughout.", "precision", reason=_MIXED),
    "fp16_full_eval": Words("Evaluate in float16 throughout.", "precision", reason=_MIXED),
    "tf32": Words("Let the GPU multiply in TF32.", "precision", reason=_MIXED),
    "activation_checkpointing": Words(
        "Compute activations again instead of keeping them: less memory, slower.", "precision", reason=_OTHER
    ),
    "auto_find_batch_size": Words(
        "Shrink the batch after running out of memory.", "precision", reason="it would search the batch size itself."
    ),
    "torch_compile": Words("Compile the model; long to start, quicker after.", "precision", reason=_OTHER),
    "torch_empty_cache_steps": Words("Steps between two releases of unused GPU memory.", "precision", 1, reason=_OTHER),
    # Randomness
    "seed": Words("Seeds the weights, dropout and the order of the rows.", "randomness", 0, 2**32 - 1, (1, 40)),
    "data_seed": Words("Seeds the order of the rows alone.", "randomness", 0, 2**32 - 1, (1, 40)),
    "full_determinism": Words("Deterministic algorithms only; slower on a GPU.", "randomness", reason=_OTHER),
    # Checkpoints
    "save_strategy": Words(
        "Whether trials keep checkpoints; the best model is kept without them.",
        "checkpoints",
        choices=("no", "steps", "epoch"),
        reason=_RECORD,
    ),
    "save_steps": Words(
        "Steps between two checkpoints; below 1 a part of all steps.", "checkpoints", 0, reason=_RECORD
    ),
    "save_total_limit": Words("Checkpoints kept of each trial.", "checkpoints", 1, reason=_RECORD),
    "save_only_model": Words("Leave optimizer and schedule out of checkpoints.", "checkpoints", reason=_RECORD),
}

_OURS = "hpweb sets it itself."
_NO_TRACKER = "hpweb records the trials itself."
_NO_HUB = "a sweep publishes nothing."
_NO_CLUSTER = "a trial trains in one process on one device."
_FULL_ROWS = "the task decides what is computed and measured."

MANAGED: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "output_dir",
            "use_cpu",
            "disable_tqdm",
            "log_level",
            "log_level_replica",
            "log_on_each_node",
            "logging_nan_inf_filter",
            "do_train",
            "do_eval",
            "do_predict",
            "skip_memory_metrics",
            "enable_jit_checkpoint",
            "resume_from_checkpoint",
            "ignore_data_skip",
            "restore_callback_states_from_checkpoint",
            "debug",
            "average_tokens_across_devices",
            "remove_unused_columns",
        ),
        _OURS,
    ),
    **dict.fromkeys(
        (
            "report_to",
            "run_name",
            "project",
            "trackio_space_id",
            "trackio_bucket_id",
            "trackio_static_space_id",
            "include_num_input_tokens_seen",
        ),
        _NO_TRACKER,
    ),
    **dict.fromkeys(
        (
            "push_to_hub",
            "hub_token",
            "hub_private_repo",
            "hub_model_id",
            "hub_strategy",
            "hub_always_push",
            "hub_revision",
        ),
        _NO_HUB,
    ),
    **dict.fromkeys(
        (
            "accelerator_config",
            "parallelism_config",
            "ddp_find_unused_parameters",
            "ddp_bucket_cap_mb",
            "ddp_broadcast_buffers",
            "ddp_static_graph",
            "ddp_backend",
            "ddp_timeout",
            "fsdp",
            "fsdp_config",
            "deepspeed",
            "local_rank",
            "save_on_each_node",
        ),
        _NO_CLUSTER,
    ),
    **dict.fromkeys(
        (
            "prediction_loss_only",
            "eval_do_concat_batches",
            "eval_use_gather_object",
            "include_for_metrics",
            "batch_eval_metrics",
            "label_names",
            "length_column_name",
            "use_cache",
        ),
        _FULL_ROWS,
    ),
    **dict.fromkeys(
        ("load_best_model_at_end", "metric_for_best_model", "greater_is_better"),
        "a trial's value is its last evaluation, and the model that is kept is the one that was evaluated.",
    ),
    **dict.fromkeys(
        ("gradient_checkpointing", "gradient_checkpointing_kwargs"), "its new name is activation_checkpointing."
    ),
    **dict.fromkeys(
        (
            "optim_target_modules",
            "activation_checkpointing_kwargs",
            "torch_compile_backend",
            "torch_compile_mode",
            "use_liger_kernel",
            "liger_kernel_config",
            "dataloader_persistent_workers",
            "dataloader_prefetch_factor",
            "dataloader_multiprocessing_context",
            "dataloader_in_order",
        ),
        "hpweb does not offer it.",
    ),
}
