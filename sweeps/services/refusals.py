"""Why a runner's request is refused. The API turns them into the contract's `Refusal`."""


class Refused(Exception):
    """`code` and `status` as in `runners.protocol.job.Refusal`; `fields`: path → sentences."""

    status = 400
    code = "invalid"

    def __init__(self, message: str, *, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields or {}


class BadEvent(Refused):
    """An event of a batch is not what the contract says. Nothing of the batch was applied."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}", fields={path: [message]})


class NotOffered(Refused):
    """The job can't be claimed: its offer went back, or it has ended."""

    status = 409
    code = "not_offered"


class Fenced(Refused):
    """Another claim holds the job."""

    status = 409
    code = "fenced"

    def __init__(self) -> None:
        super().__init__("Another claim holds this job, so nothing of yours counts any more. End it.")


class Gap(Refused):
    """Events are missing between what is known and the batch's first."""

    status = 409
    code = "gap"

    def __init__(self, expected_seq: int, first_seq: int) -> None:
        super().__init__(f"Event {expected_seq} is next, but the batch begins at {first_seq}. Go on at {expected_seq}.")
        self.expected_seq = expected_seq


class TooLarge(Refused):
    """The body is larger than the contract allows."""

    status = 413
    code = "too_large"
