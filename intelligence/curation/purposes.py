"""Why somebody does what others look at later: of a fixed set, or a text that names nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from intelligence.errors import FormRefused
from screening.vocabulary.obscured import may_be_contact

PURPOSES: Final[Mapping[str, str]] = {
    "writing": "To look over what I have written",
    "approval": "To approve or refuse a change",
    "review": "To review what a colleague has done",
    "correction": "To put an entry right",
    "request": "A person or a partner has asked",
    "authority": "An authority has asked",
}
"""What is on record -> what a form says."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """One of `PURPOSES`, and the case that it is for, if any."""

    name: str
    case: str | None

    @property
    def facts(self) -> dict[str, object]:
        """What the journal says of it."""
        return {"purpose": self.name, "case": self.case}


def purpose(name: str, case: str | None) -> Purpose:
    """Return a purpose; raises `FormRefused`, for a case too that may be somebody's selector."""
    if name not in PURPOSES:
        raise FormRefused("choose a purpose: why you need to see it", "purpose")
    if case is not None:
        refuse_contact("case", case)
    return Purpose(name, case)


def reason_typed(
    text: str | None, *, to_say: str = "say why, for those who look at it later"
) -> str:
    """Return why somebody does something; raises `FormRefused`, with what is `to_say`."""
    return free_text("reason", text, to_say=to_say)


def free_text(name: str, text: str | None, *, to_say: str) -> str:
    """Return what was typed in a field of this name, which is kept, and nothing masks it.

    Raises `FormRefused` where it is missing, with what is `to_say`, or may hold a selector.
    """
    if text is None:
        raise FormRefused(f"the {name} is missing: {to_say}", name)
    refuse_contact(name, text)
    return text


def refuse_contact(what: str, text: str) -> None:
    """Raise `FormRefused` for a `text` that may hold a selector: it is kept, and nothing masks it.

    `what` is what sentences call its field, whose name is spelled with underscores.
    """
    if may_be_contact(text):
        raise FormRefused(
            f"the {what} looks like a phone, card or e-mail, or holds one; leave it out, and write"
            " numbers of cases with fewer than 9 digits",
            what.replace(" ", "_"),
        )
