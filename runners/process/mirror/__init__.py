"""Trials shown at another service too: W&B, MLflow, TensorBoard, Trackio.

A mirror is a process of its own (`python -m runners.process.mirror`), one per job and service. It follows the job's
journal, so it sees what the server sees, whatever the backend and however many processes train. Training knows nothing of
it: a mirror that is slow, hangs or dies costs no trial a moment, and no client library shares memory, random state or
environment with a model.

transformers' own integrations (`report_to`) are not used: in a search, TensorBoard's puts all trials into one folder,
W&B's ends the search's own trial and starts another, and each of them calls its service from the training loop.
"""
