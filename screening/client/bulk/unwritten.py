"""A disk that takes no more, once a run has begun to ask: its input is not to blame."""

from screening.vocabulary.errors import OperatorError


class OutputUnwritten(OperatorError):
    """What a run writes cannot be written; what was answered before is kept."""
