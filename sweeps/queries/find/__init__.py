"""The search over everything that a person can reach: words, and values of parameters as `name=value`."""
