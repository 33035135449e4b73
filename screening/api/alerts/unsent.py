"""What keeps a process from sending anything, told in its log and as an alarm."""

from structlog.typing import FilteringBoundLogger

from screening.alarms import Alarms
from screening.api.repeated import Repeated
from screening.vocabulary.errors import OperatorError


class Unsent:
    """Tells each cause once, and then ever more rarely; the alarm each time."""

    def __init__(self, log: FilteringBoundLogger, event: str, alarms: Alarms) -> None:
        self._log = log
        self._event = event
        self._alarms = alarms
        self._repeated = Repeated()

    def told(self, name: str, error: OSError | OperatorError) -> None:
        """Tell why nothing is sent to, or from, what is called `name`."""
        why = str(error) if isinstance(error, OperatorError) else error.strerror
        if times := self._repeated.raised((name, why)):
            self._log.error(self._event, receiver=name, why=why, times=times)
        self._alarms.raised("webhook_failing", name)
