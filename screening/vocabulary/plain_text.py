"""Texts as the normaliser looks at them, without what programs and people write around them."""

import re
import unicodedata
from typing import Final
from urllib.parse import unquote

from screening.vocabulary.normalise import MAX_RAW_CHARACTERS

_LONG_VOWEL_MARK: Final = re.compile("(?<=[0-9])\u30fc(?=[0-9])")
"""Typed for a dash between the digits of Japanese numbers."""
_SEPARATORS_BEHIND: Final = ";, \t\r\n"
_PHONE_SCHEME: Final = re.compile(
    r"\A(?:p|whatsapp|sms|smsto|callto|rcs|tel(?![^;]*;)):(?://)?(?=[+(]*[0-9])", re.IGNORECASE
)
"""Of lead forms (`p:+1...`), chats and links; `tel:` with parameters is read by the normaliser."""
_MAIL_LINK: Final = re.compile(r"mailto:(?=[^\s@?]+(?:@|%40))", re.IGNORECASE)
"""RFC 6068: in percent-encoding, and behind a question mark stands what the mail says."""
_BETWEEN_FIELDS: Final = re.compile(r"&amp;|[&?;]")
"""In a link that is taken from a page `&` may still be `&amp;`."""
_MAY_BE_SELECTOR: Final = re.compile(r"@|\+[ (]*[0-9](?:[^0-9]{0,3}[0-9]){6}")
"""In what a mail says, or whom else it is for."""
_ENCODED_PHONE: Final = re.compile(
    r"(?:[a-z]+:(?://)?)?(?=[^@]*%[0-9a-f]{2})[0-9a-f%().+\-]+\Z", re.IGNORECASE
)
"""A link such as `tel:%2B1%20202%20555%200100`."""
_CHAT_ADDRESS: Final = re.compile(r"([1-9][0-9]{6,14})(?::[0-9]{1,3})?@(?:s\.whatsapp\.net|c\.us)")
"""How WhatsApp names an account: by its phone, without the plus."""
_OF_LABELS: Final = frozenset(":@%")
"""One of them is in each scheme and link."""
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
"""And the minus: the phone parser takes each for a plain dash."""


def plain(value: str, *, with_any_digits: bool = False) -> str:
    """Return `value` as the normaliser looks at it: a full-width semicolon is a semicolon.

    Without what programs write around it: the apostrophe by which spreadsheets mark a text, the
    scheme of a link or an export, and a separator behind which nothing follows; and without marks
    that nobody sees. Any dash is a plain one, and any digit one of ASCII, unless it may be a part
    of an address, or `with_any_digits`: people write phones in those of Arabic, too.
    """
    text = value
    # Of more than any selector has, whatever its spelling, the form takes quadratic time to make.
    if not text.isascii() and len(text) <= 4 * MAX_RAW_CHARACTERS:
        text = unicodedata.normalize("NFKC", text)
    if not (text.isascii() or with_any_digits or "@" in text):
        text = "".join(str(unicodedata.decimal(c, c)) for c in text)
    text = text.strip().removeprefix("'").lstrip()
    if text.startswith('="') and text.endswith('"'):  # by which an export keeps leading zeros
        text = text[2:-1].strip()
    text = _unlabelled(text.rstrip(_SEPARATORS_BEHIND))
    if text.isascii():
        return text
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return text if "@" in text else _LONG_VOWEL_MARK.sub("-", _DASHES.sub("-", text))


def _unlabelled(text: str) -> str:
    """Return a selector without the scheme before it; a remark, as in `Tel: ...`, stays."""
    if _OF_LABELS.isdisjoint(text):
        return text
    chat = _CHAT_ADDRESS.fullmatch(text)
    if chat is not None:
        return f"+{chat[1]}"
    link = _MAIL_LINK.match(text)
    if link is not None:
        to, _, rest = text[link.end() :].partition("?")
        fields = [unquote(field.partition("=")[2]) for field in _BETWEEN_FIELDS.split(rest)]
        return ", ".join((unquote(to), *filter(_MAY_BE_SELECTOR.search, fields)))
    if _ENCODED_PHONE.match(text):
        text = unquote(text)
    return _PHONE_SCHEME.sub("", text, count=1)


def count_digits(text: str) -> int:
    """Count the digits in a text, of whatever script."""
    return sum(map(str.isdigit, text))


def has_words(text: str) -> bool:
    """Tell whether there are letters in `text`."""
    return any(map(str.isalpha, text))
