"""All that is found in one text, phones and addresses, whether it is taken or not."""

import unicodedata

from screening.importers.email_finder import find_emails
from screening.importers.finding import Finding
from screening.importers.phone_finder import find_phones


def find_selectors(text: str, region: str | None = None) -> list[Finding]:
    """Return all that is found in one text, taken or not, in order; nothing overlaps."""
    visible, places = _visible(text)
    emails = list(find_emails(visible))
    phones = find_phones(visible, region, [(email.start, email.end) for email in emails])
    findings = sorted((*emails, *phones), key=lambda finding: finding.start)
    if places is None:
        return findings
    return [
        Finding(f.kind, places[f.start], places[f.end - 1] + 1, f.outcome, f.by_region)
        for f in findings
    ]


def _visible(text: str) -> tuple[str, list[int] | None]:
    """Return `text` without invisible marks (category Cf), and where each character stood.

    Numbers copied from messengers carry marks of writing direction around and within them.
    """
    if text.isascii():
        return text, None
    places = [place for place, c in enumerate(text) if unicodedata.category(c) != "Cf"]
    return "".join(text[place] for place in places), places
