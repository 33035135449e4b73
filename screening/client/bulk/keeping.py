"""Keeps a receipt for each question of a run: one file, which proves every row of it."""

import asyncio
from pathlib import Path
from typing import Protocol

from screening.client.answers import BulkAnswer
from screening.client.derivation import SelectorToken
from screening.client.kept_receipts import KeptReceipt, save_new
from screening.client.session import AsyncScreeningClient
from screening.private_files import require_writable
from screening.vocabulary.errors import OperatorError, Unknown
from screening.vocabulary.wire import Parameters


class _Client(Protocol):
    async def parameters(self) -> Parameters: ...

    async def bulk(self, tokens: list[SelectorToken], /) -> BulkAnswer: ...

    def keep(self, tokens: list[SelectorToken], answer: BulkAnswer | Unknown, /) -> KeptReceipt: ...


class OnBehalf:
    """Asks by the SDK's client, in the name of one actor and of one country, or of none."""

    def __init__(
        self, client: AsyncScreeningClient, actor: str | None, booking_region: str | None
    ) -> None:
        self._client = client
        self._actor = actor
        self._booking_region = booking_region

    async def parameters(self) -> Parameters:
        """Return what the API states."""
        return await self._client.parameters()

    async def bulk(self, tokens: list[SelectorToken], /) -> BulkAnswer:
        """Ask once; raises as the client does."""
        return await self._client.bulk(
            tokens, actor=self._actor, booking_region=self._booking_region
        )

    def keep(self, tokens: list[SelectorToken], answer: BulkAnswer | Unknown, /) -> KeptReceipt:
        """Return what to keep of an answer."""
        return self._client.keep(tokens, answer)


class Keeping:
    """Asks by a client, and saves `RECEIPT.json` in a folder before an answer counts as one.

    So no row is ever in the output whose receipt is not in the folder. Raises `OperatorError` where
    it cannot be saved: the question is then asked again when the run goes on.
    """

    def __init__(self, client: _Client, folder: Path) -> None:
        self._client = client
        self._folder = folder

    async def parameters(self) -> Parameters:
        """Return what the API states."""
        return await self._client.parameters()

    async def bulk(self, tokens: list[SelectorToken], /) -> BulkAnswer:
        """Ask once, and save; raises as the client does."""
        try:
            answer = await self._client.bulk(tokens)
        except Unknown as error:
            if error.matches and error.opening:
                await self._save(self._client.keep(tokens, error))
            raise
        await self._save(self._client.keep(tokens, answer))
        return answer

    async def _save(self, kept: KeptReceipt) -> None:
        await asyncio.to_thread(save_new, self._folder / f"{kept.receipt}.json", kept)


def ensure_folder(folder: Path) -> None:
    """Make a folder for receipts, readable by nobody else, unless it is there.

    Raises `OperatorError` where nothing could be saved in it.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        require_writable(folder)
    except OSError as error:
        raise OperatorError(
            f"{folder} takes no receipts: {error.strerror}; give another folder to --save-receipts"
        ) from None
