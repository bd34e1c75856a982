"""The warm process that children are forked from: torch and transformers are imported once, not in every child.

`python -m runners.process.forkserver` is that process (`__main__`, `serve`, `born`, `warm`), `handle` is the
supervisor's side of it, `messages` is what they say to each other.
"""
