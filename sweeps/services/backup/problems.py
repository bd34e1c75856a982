"""Why a backup or a restore is refused."""


class Refused(Exception):
    """The text is a sentence for the operator, with what mends it."""
