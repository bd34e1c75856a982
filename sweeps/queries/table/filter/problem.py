"""What is wrong with a filter, and where."""


class FilterProblem(Exception):
    """`message` says what to do. `at` and `end`: places in the text, counted in characters from 0."""

    def __init__(self, message: str, at: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.end = max(end, at + 1)
