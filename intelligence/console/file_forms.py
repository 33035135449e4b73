"""A form with a file (RFC 7578), read as it comes.

All of it stays in memory: what is spooled to a disk would lie there as it stands. Of a part that is
too large nothing is kept but that it is, and the other fields are read all the same: whoever has
chosen too large a file has typed them.
"""

from dataclasses import dataclass, field
from typing import Final

from multipart import (  # type: ignore[import-untyped]  # it ships no types
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from intelligence.console.forms import MAX_BYTES, MAX_FIELDS, NOT_OURS, Form, SentFile
from intelligence.errors import RequestRefused

UPLOAD_TYPE: Final = "multipart/form-data"
_LAST: Final = b"\r\n"
"""What browsers send last. A strict parser takes it with the end before it, and not by itself, as
it may come over a network: so as much is held back of whatever comes."""
_SEVERAL: Final = "upload it in several files"


@dataclass(slots=True)
class _Part:
    name: str
    file_name: str | None
    content: bytearray = field(default_factory=bytearray, repr=False)
    is_too_large: bool = False


class FileForm:
    """A form that came to `action`, a path: its file has `most_bytes` at the most.

    Raises `RequestRefused` for what no form of ours sends.
    """

    def __init__(self, content_type: str, action: str, *, most_bytes: int) -> None:
        self._action = action
        self._left = most_bytes + MAX_BYTES
        self._too_large = f"the file has more than {most_bytes >> 20} MiB; {_SEVERAL}"
        self._too_long = f"the text has more than {most_bytes >> 20} MiB; {_SEVERAL}"
        self._parts: list[_Part] = []
        self._held = b""
        try:
            kind, options = parse_options_header(content_type)
            if kind != UPLOAD_TYPE:
                raise RequestRefused(NOT_OURS)
            boundary = options.get("boundary", "")
            self._parser = PushMultipartParser(boundary, max_segment_count=MAX_FIELDS, strict=True)
        except ValueError:
            raise RequestRefused(NOT_OURS) from None

    def take(self, chunk: bytes) -> None:
        """Read what comes next."""
        came = self._held + chunk
        self._held = came[-len(_LAST) :]
        self._parse(came[: -len(_LAST)])

    def _parse(self, content: bytes) -> None:
        try:
            for event in self._parser.parse(content) if content else ():
                if isinstance(event, MultipartSegment):
                    self._parts.append(_Part(event.name, event.filename))
                elif event is not None:
                    self._keep(self._parts[-1], event)
        except ValueError:
            raise RequestRefused(NOT_OURS) from None

    def _keep(self, part: _Part, content: bytes) -> None:
        if not part.is_too_large and len(content) <= self._left:
            part.content += content
            self._left -= len(content)
            return
        part.is_too_large = True
        self._left += len(part.content)
        part.content.clear()

    def whole(self) -> Form:
        """Return the form, once all of it has come."""
        fields, files = list[tuple[str, str]](), dict[str, SentFile]()
        if self._held != _LAST:
            self._parse(self._held)
        try:
            self._parser.close()
            for one in self._parts:
                if one.file_name is None:
                    fields.append((one.name, one.content.decode()))
                else:
                    files[one.name] = SentFile(one.file_name, bytes(one.content))
        except ValueError:
            raise RequestRefused(NOT_OURS) from None
        too_large = {
            one.name: self._too_long if one.file_name is None else self._too_large
            for one in self._parts
            if one.is_too_large
        }
        return Form(fields, files, action=self._action, too_large=too_large)
