"""The partner's side: an SDK, sync and async, and the `gen-screen` commands.

    with ScreeningClient.from_kit("acme.kit.json") as client:
        answer = client.check([("phone", "+1 202 555 0100")])
        if answer.result == "match": ...  # a lead for human review, never an automatic refusal

Plaintext never leaves the process; an answer that is not known is raised as `Unknown`.
"""

from screening.client.answers import BulkAnswer, CheckAnswer
from screening.client.blocking import ScreeningClient
from screening.client.closed import ClientClosed
from screening.client.kept_receipts import KeptReceipt
from screening.client.kit_file import load_kit
from screening.client.session import AsyncScreeningClient, PhoneMetadataDiffers

__all__ = [
    "AsyncScreeningClient",
    "BulkAnswer",
    "CheckAnswer",
    "ClientClosed",
    "KeptReceipt",
    "PhoneMetadataDiffers",
    "ScreeningClient",
    "load_kit",
]
