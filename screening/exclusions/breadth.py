"""Tells rules that cover far more than anyone means: an area code, `com`, a mail provider.

A rule too many is silent: what it covers is never listed, and nobody misses it. So a wide one is
taken only from someone who has said that all of it is meant.
"""

import re
from typing import Final

from screening.exclusions.digit_range import DigitRange
from screening.vocabulary.mail_providers import MAIL_PROVIDERS
from screening.vocabulary.selector import SelectorKind

_PHONE_DIGITS: Final = 4  # after the country code: an area code and the first of the exchange
_CARD_DIGITS: Final = 6  # an issuer, as ISO/IEC 7812-1 numbered them before it gave them eight

RESERVED_TOP_DOMAINS: Final = frozenset({"example", "test"})
"""Nobody can own a mailbox below these (RFC 2606, section 2), so that nobody is hidden by them."""


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


# Below these labels in front of a country's, everyone registers names of their own.
_SHARED_LABELS: Final = _words(
    "ac asn co com edu firm gen go gob gouv gov gv id info int ltd me mil mod name ne net nhs nic",
    "nom or org plc police pro sch web",
)
# Providers that sell or give a mailbox to anyone, under names of many countries ...
_MAIL_BRANDS: Final = _words(
    "aim aol fastmail gmail gmx googlemail hotmail hushmail icloud live mailinator msn outlook",
    "proton protonmail rediffmail rocketmail tuta tutanota yahoo yandex ymail zoho zohomail",
)
# ... and under one name, network operators with mailboxes for their customers included.
_MAIL_DOMAINS: Final = frozenset(MAIL_PROVIDERS) | _words(
    "126.com 163.com abv.bg arcor.de att.net bellsouth.net bigpond.com bk.ru bluewin.ch bol.com.br",
    "btinternet.com charter.net comcast.net cox.net daum.net docomo.ne.jp duck.com email.com",
    "ezweb.ne.jp foxmail.com free.fr freenet.de hanmail.net hey.com inbox.lv inbox.ru interia.pl",
    "laposte.net libero.it list.ru mail.com mail.ru mailbox.org mozmail.com naver.com ntlworld.com",
    "o2.pl onet.pl optusnet.com.au orange.fr posteo.de privaterelay.appleid.com qq.com rogers.com",
    "sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com sky.com softbank.ne.jp sympatico.ca",
    "t-online.de talktalk.net telenet.be telus.net terra.com.br tutamail.com ukr.net uol.com.br",
    "verizon.net virgilio.it virginmedia.com wanadoo.fr web.de wp.pl yeah.net yopmail.com ziggo.nl",
)
_COUNTRY: Final = re.compile("[a-z]{2}")


def is_wide_range(kind: SelectorKind, numbers: DigitRange) -> bool:
    """Tell whether `numbers` are more than those of a prefix that is just long enough.

    It is their number that counts, not the digits that both ends share: `+12229999..` to
    `+12230000..` share four and hold little.
    """
    digits = len(numbers.first)
    if kind is SelectorKind.PHONE:
        digits -= len(f"+{numbers.country_code}") + _PHONE_DIGITS
    else:
        digits -= _CARD_DIGITS
    return numbers.size > int(10 ** max(digits, 0))


def is_shared_domain(domain: str) -> bool:
    """Tell whether strangers register names below `domain`: `com`, `co.uk`.

    A guess by form, which needs no copy of the public suffix list: one label, or a usual label
    below a country's.
    """
    labels = domain.split(".")
    if len(labels) == 1:
        return domain not in RESERVED_TOP_DOMAINS
    return (
        len(labels) == 2
        and labels[0] in _SHARED_LABELS
        and _COUNTRY.fullmatch(labels[1]) is not None
    )


def is_mail_provider(domain: str) -> bool:
    """Tell whether anyone can have a mailbox at `domain`."""
    first, _, rest = domain.partition(".")
    return domain in _MAIL_DOMAINS or (first in _MAIL_BRANDS and is_shared_domain(rest))
