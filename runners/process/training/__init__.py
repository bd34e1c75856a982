"""Training: one module per task, and what all tasks share. Light to import; torch comes with the modules."""
