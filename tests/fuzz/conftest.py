"""Fixtures that other rooms have, too."""

from tests.ledger.conftest import dead_segment
from tests.vocabulary.conftest import kit_document

__all__ = ["dead_segment", "kit_document"]
