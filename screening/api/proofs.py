"""`POST /v1/receipts/proof`: what shows a partner that the record of its answer is in the log."""

from typing import Final

import msgspec

from screening.api.own_records import OwnRecords
from screening.api.receipt_routes import ReceiptContract
from screening.registry.reader import Caller
from screening.vocabulary.proof import read_receipt

PROOF_PATH: Final = "/v1/receipts/proof"


def proof_contract(records: OwnRecords) -> ReceiptContract[str]:
    """Return what the route reads and answers."""

    async def answer(caller: Caller, receipt: str) -> bytes:
        return msgspec.json.encode(await records.proof(receipt, partner=caller.partner.partner))

    return ReceiptContract("proof", read_receipt, answer)
