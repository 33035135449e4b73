"""What is raised by a client that was closed, in this thread or by another one."""

from screening.vocabulary.errors import ScreeningError


class ClientClosed(ScreeningError):
    """The client was closed before the call, or during it; then what was asked is not known."""

    def __init__(self) -> None:
        super().__init__(
            "the client is closed; make one for each process, and close it when the process ends"
        )
