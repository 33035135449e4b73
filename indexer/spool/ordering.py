"""What the console has ordered of partners is done by what the indexer's own commands use.

An order is in force before it is noted as done: killed in between, the same order is followed
again, and that changes nothing.
"""

from typing import Final

from indexer.deployment import Deployment
from indexer.in_force import last_release
from indexer.partners.change import set_state
from screening.spools.order import Order, Suspend
from screening.vocabulary.errors import OperatorError, SpoolRefused


class Ordering:
    """Follows the orders of a deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._d = deployment

    def follow(self, order: Order) -> int:
        """Have an order in force when this returns; return the release.

        Raises `SpoolRefused` where nothing could be done for it.
        """
        before = last_release(self._d.list_file)
        try:
            self._do(order)
        except OperatorError as error:
            if last_release(self._d.list_file) != before:
                raise
            raise SpoolRefused("not_possible", str(error)) from None
        return last_release(self._d.list_file)

    def _do(self, order: Order) -> None:
        if isinstance(order, Suspend):
            set_state(self._d, order.partner, "suspended")
        else:
            set_state(self._d, order.partner, "active")


_DONE: Final = {"Suspend": "is suspended", "Resume": "is answered again"}


def described(order: Order) -> str:
    """Return what is so once an order is in force."""
    return f"{order.partner} {_DONE[type(order).__name__]}"
