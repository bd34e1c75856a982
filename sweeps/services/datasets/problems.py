"""Why data was refused."""


class BadData(Exception):
    """Data that can't become a data set version. `message`: a sentence that names the place and the mend.

    `field`: the form field at fault (`file`, `input_column`, `label_column`, `split_column` …), "" for the data itself.
    `droppable`: leaving incomplete rows out would mend it.
    """

    def __init__(self, message: str, *, field: str = "", droppable: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.droppable = droppable
