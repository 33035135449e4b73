"""raw -> canonical: one function a kind, normaliser version 1.

The rules are docs/protocol.md's, "Canonical forms". Known answers are in
`tests/vectors/canonical.json`. A change of any answer is a new normaliser version
(`normaliser_versions.py`), which every `key_check` carries, so that a client with other rules is
told instead of answered "no".
"""

import re
import unicodedata
from typing import assert_never

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import luhn

from screening.vocabulary.errors import NotCanonical
from screening.vocabulary.mail_providers import MAIL_PROVIDERS
from screening.vocabulary.selector import Canonical, SelectorKind

PHONE_METADATA_VERSION = f"phonenumbers {phonenumbers.__version__}"
MAX_RAW_CHARACTERS = 320  # RFC 3696 erratum 1690: 64 + @ + 255, the longest e-mail address

_PLAN_CHANGES = (
    # Mexico dropped the 1 of mobiles dialled from abroad on 2019-08-03 (IFT numbering plan).
    (re.compile(r"\+521(\d{10})"), r"+52\1"),
)
NO_REGION = (
    "no country code, and the region is no country; give its ISO 3166-1 alpha-2 code, such as GB "
    "for Great Britain"
)
"""What is said of a phone that needs a region and was given one that is none."""
_CARD_SEPARATORS = re.compile("[ .\\-\u2010-\u2015]")
_ASCII_DIGITS = re.compile(r"[0-9]+")


def normalise(kind: SelectorKind | str, raw: str, *, region: str | None = None) -> Canonical:
    """Return the canonical form of `raw`, in the first version.

    `region` is an ISO 3166-1 alpha-2 code and matters for phones written without a country code.
    Raises `NotCanonical` with one of the nine codes, and nothing else, whatever `raw` holds.
    """
    try:
        kind = SelectorKind(kind)
    except ValueError:
        raise NotCanonical("unknown_kind") from None
    text = _clean(raw)
    match kind:
        case SelectorKind.PHONE:
            return Canonical(kind, _phone(text, region))
        case SelectorKind.CARD:
            return Canonical(kind, _card(text))
        case SelectorKind.EMAIL:
            return Canonical(kind, _email(text))
        case _:
            assert_never(kind)


def is_region(text: str) -> bool:
    """Tell whether `text` names a region that completes phones: `GB` or `gb` does, `UK` does not.

    For commands that take one region for many values: `normalise` minds an unknown one only where
    it needs it, value by value.
    """
    # Only ASCII: the upper case of the German sharp s would be South Sudan.
    return text.isascii() and text.upper() in phonenumbers.SUPPORTED_REGIONS


def _clean(raw: str) -> str:
    # NFKC takes quadratic time on long runs of combining marks, and composes at most four
    # characters into one: what is longer than that now cannot become short enough.
    if len(raw) > MAX_RAW_CHARACTERS and len(_visible(raw).strip()) > 4 * MAX_RAW_CHARACTERS:
        raise NotCanonical("too_long")
    text = _visible(unicodedata.normalize("NFKC", raw)).strip()
    if not text:
        raise NotCanonical("empty")
    if len(text) > MAX_RAW_CHARACTERS:
        raise NotCanonical("too_long")
    return text


def _visible(text: str) -> str:
    if text.isascii():  # Cf holds no ASCII character
        return text
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def _phone(text: str, region: str | None) -> str:
    formatted = _phone_once(text, region)
    if formatted == text:  # it begins with +, so that no region had a part in it
        return formatted
    # A few accepted numbers parse to another number the second time; those have no canonical form.
    try:
        again = _phone_once(formatted, None)
    except NotCanonical:
        raise NotCanonical("not_a_phone") from None
    if again != formatted:
        raise NotCanonical("not_a_phone")
    return formatted


def _phone_once(text: str, region: str | None) -> str:
    if text.startswith(("+", "tel:+")):
        region = None
    elif not region:
        raise NotCanonical("region_required")
    elif not is_region(region):
        raise NotCanonical("region_required", NO_REGION)
    try:
        number = phonenumbers.parse(text, region.upper() if region else None)
    except phonenumbers.NumberParseException:
        raise NotCanonical("not_a_phone") from None
    formatted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for pattern, replacement in _PLAN_CHANGES:
        if pattern.fullmatch(formatted):
            formatted = pattern.sub(replacement, formatted)
            number = phonenumbers.parse(formatted, None)
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise NotCanonical("impossible_length")
    return formatted


def _card(text: str) -> str:
    digits = _CARD_SEPARATORS.sub("", text)
    if not _ASCII_DIGITS.fullmatch(digits):
        raise NotCanonical("not_a_card")
    if not 12 <= len(digits) <= 19:  # ISO/IEC 7812-1, and the shortest Maestro numbers
        raise NotCanonical("impossible_length")
    if not luhn.is_valid(digits):
        raise NotCanonical("bad_checksum")
    return digits


def _email(text: str) -> str:
    canonical = _email_once(text)
    if canonical != text and _email_once(canonical) != canonical:
        raise NotCanonical("not_an_email")
    return canonical


def _email_once(text: str) -> str:
    try:
        address = validate_email(
            text,
            check_deliverability=False,
            allow_smtputf8=True,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            test_environment=True,
        )
    except EmailNotValidError:
        raise NotCanonical("not_an_email") from None
    local = _casefolded(address.local_part)
    domain = address.ascii_domain.lower()
    provider = MAIL_PROVIDERS.get(domain)
    if provider is not None:
        local = local.partition("+")[0].translate(provider.ignored_characters)
        domain = provider.domain or domain
    if not local:
        raise NotCanonical("not_an_email")
    return f"{local}@{domain}"


def _casefolded(local: str) -> str:
    # Casefolding alone is not idempotent: it needs NFC on both sides (measured).
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", local).casefold())
