"""An example of a package that adds to hpweb: a task, and a metric for text classification."""
