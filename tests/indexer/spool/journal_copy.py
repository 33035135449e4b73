"""The journal of an API host of a test's own, its signed log, and a copy of both."""

import base64
from pathlib import Path

import msgspec
from msgspec import structs

from screening.disclosure.opening import PrivateHalf
from screening.disclosure.sealing import MatchSealer
from screening.ledger.accesses import FeedbackGiven
from screening.ledger.ledger import Ledger
from screening.ledger.log.notes import SIGNS, SignerKey
from screening.private_files import ensure_private_directory
from screening.vocabulary.selector import IndexDigest
from tests.ledger.log.keeping import export
from tests.ledger.log.merging import merged_log, signed
from tests.ledger.looking import ASKED

GENERATION = "20261128-0123abcd"


class JournalCopy:
    """Answers, and what `screening audit export` makes of them; `receipts` are in their order."""

    def __init__(self, host: Path, folder: Path) -> None:
        self.host = ensure_private_directory(host)
        self.folder = folder
        self.key = SignerKey.generate(f"{host.name}/journal", SIGNS)
        self.vkey = self.key.verifier.text
        self.receipts: list[str] = []
        self.payloads: list[bytes] = []
        self._written = 0
        self._sealer = MatchSealer(lambda: PrivateHalf(bytes(range(32))).key)

    def answer(self, *, matches: int, sealed: bool = True) -> None:
        """Have the host record an answer; what is not `sealed` an earlier version has written."""
        receipt = "abcdefghijklmnop"[len(self.receipts)] * 26
        sealing = self._sealer.for_record(receipt, ASKED.key_id, GENERATION)
        digest = IndexDigest(bytes(range(16)))
        told = {
            str(row): base64.b64encode(sealing.box(row, digest, "phone")).decode()
            if sealed
            else digest.hex()
            for row in range(matches)
        }
        access = structs.replace(
            ASKED,
            receipt=receipt,
            outcomes={"match": matches, "no_match": 1},
            matches=told,
            generation=GENERATION,
            sealed=sealing.key if matches and sealed else None,
        )
        record: dict[str, object] = msgspec.to_builtins(
            access
        )  # with its type, as journals have it
        members = {name: value for name, value in record.items() if value is not None}
        self.receipts.append(receipt)
        self.payloads.append(msgspec.json.encode(members))

    def feedback(self, of: str, outcome: str, mode: str = "live") -> None:
        """Have the host record what a partner says of a row."""
        given = FeedbackGiven(ASKED.at, of, outcome, ASKED.partner, ASKED.api_key, mode)
        self.payloads.append(msgspec.json.encode(given))

    def export(self) -> None:
        """Seal what was answered as one segment, sign it, and bring the copy up to date."""
        with Ledger(self.host, host="api-1") as ledger:
            ledger.append(self.payloads[self._written :])
        self._written = len(self.payloads)
        with merged_log(self.host, self.key) as log:
            signed(log)
        export(self.host, self.folder, self.key)

    def change_line(self, number: int) -> None:
        """Change a letter of the partner in a line of the copy's only segment."""
        (path,) = self.folder.glob("*.sealed")
        lines = path.read_bytes().splitlines(keepends=True)
        lines[number - 1] = lines[number - 1].replace(b'"partner":"a', b'"partner":"b')
        path.write_bytes(b"".join(lines))
