"""Values that must stay where they belong, in every spelling, and the places to search for them."""

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from screening.vocabulary.normalise import normalise
from screening.vocabulary.tokens import stretch
from tests.harness.deployment import Partner
from tests.harness.valkey import Valkey

LISTED: Final = (
    ("phone", "+1 (202) 555-0187"),
    ("card", "4242 4242 4242 4242"),
    ("email", "Canary.Listed+Tag@Leaks.Example"),
)
UNLISTED: Final = (
    ("phone", "+1 202 555 0165"),
    ("card", "3782 822463 10005"),
    ("email", "Canary.Traveller@Leaks.Example"),
)
VICTIM: Final = ("phone", "+1 202 555 0178")
LATER: Final = ("email", "canary.later@leaks.example")
REFUSED: Final = (
    ("card", "4242 4242 4242 4241"),
    ("phone", "202-555-0176"),
    ("phone", "+1 202 555 01765 4321 99"),
    ("email", "canary-refused@@leaks.example"),
    ("passport", "CANARY0192837"),
)
"""What no importer and no client takes."""


@dataclass
class Places:
    """All that may be read by someone who should not know a selector."""

    contents: dict[str, bytes] = field(default_factory=dict)

    def add(self, name: str, content: bytes | str) -> None:
        as_bytes = content.encode() if isinstance(content, str) else content
        self.contents[name] = self.contents.get(name, b"") + as_bytes + b"\n"

    def add_files(self, name: str, folder: Path, *, but: str = "") -> None:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not (but and but in path.parts):
                self.add(f"{name}: {path.relative_to(folder)}", path.read_bytes())
                self.add(f"{name}: names", str(path.relative_to(folder)))

    def add_redis(self, valkey: Valkey) -> None:
        with valkey.client() as client:
            for key in client.scan_iter():
                if client.type(key) == b"hash":
                    for name, content in client.hgetall(key).items():
                        self.add("Redis", key + b"\n" + bytes(name) + b"\n" + bytes(content))
                else:
                    content = client.get(key)
                    assert isinstance(content, bytes)
                    self.add("Redis", key + b"\n" + content)
        self.add_files("Redis's files", valkey.folder / "appendonlydir")
        self.add("Redis's log", (valkey.folder / "valkey.log").read_bytes())

    def holding(self, needle: bytes) -> list[str]:
        return [name for name, content in self.contents.items() if needle in content]


class Canaries:
    """What to search for: name -> bytes; letters in lower case, as the places are searched."""

    def __init__(self) -> None:
        self.needles: dict[str, bytes] = {}

    def selector(self, kind: str, raw: str) -> None:
        name = f"{kind} {len(self.needles)}"
        self.needles[f"{name} as written"] = raw.lower().encode()
        digits = re.sub(r"\D", "", raw)
        if kind != "email" and len(digits) > 6:
            self.needles[f"{name} in digits"] = digits.encode()
            self.needles[f"{name} in its last digits"] = digits[-10:].encode()
        if (kind, raw) not in REFUSED:
            canonical = normalise(kind, raw).text
            self.needles[f"{name} canonical"] = canonical.lower().encode()
            self.secret(f"{name} canonical", canonical.encode())

    def secret(self, name: str, value: bytes) -> None:
        """Search for `value` as it is, in hex and in base64, wherever the latter begins."""
        self.needles[f"{name}, raw"] = value.lower()
        self.needles[f"{name}, hex"] = value.hex().encode()
        for offset in range(3):
            encoded = base64.b64encode(b"\0" * offset + value)
            inner = encoded[4 if offset else 0 : -4].lower()
            self.needles[f"{name}, base64 at {offset}"] = inner
            self.needles[f"{name}, base64url at {offset}"] = inner.translate(
                bytes.maketrans(b"+/", b"-_")
            )

    def partner(self, partner: Partner) -> None:
        name, kit = partner.kit.partner, partner.kit
        self.needles[f"API key of {name}"] = kit.api_key.encode()
        self.needles[f"secret of the API key of {name}"] = kit.api_key.split("_")[3].encode()
        self.secret(f"token-key secret of {name}", kit.token_key.secret)
        for kind, raw in (*LISTED, *UNLISTED, LATER):
            stretched = stretch(
                normalise(kind, raw), salt=kit.token_key.salt, profile=kit.token_key.stretch
            )
            self.secret(f"stretched {kind} of {name} {raw[-4:]}", bytes(stretched))
            self.secret(f"token of {name} for a {kind} {raw[-4:]}", partner.token(kind, raw))
