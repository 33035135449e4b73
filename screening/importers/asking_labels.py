"""Labels of a form that ask whether somebody is a victim, or of age, and nothing else.

A `no` behind one of these denies that there is one: `Victim: no`, `Under 18: no`. Behind any other
it may be said of somebody who is one: `Age of victim: n/a`, `Victim no.: none`, `Rescued: no`. So
whole phrases are known here, and no words within them: rather a harmless line comes back.
"""

import re
from typing import Final

from screening.importers.bystander_words import speaks_of_witness
from screening.importers.clearing_words import clears
from screening.importers.folding import folded
from screening.importers.victim_words import heads_victim

_BETWEEN_WORDS: Final = re.compile(r"[\s_\u2010\u2011-]+")
_BEFORE: Final = " *>#\u2022\xbf"
_BEHIND: Final = " *?\uff1f"
_YES_OR_NO: Final = re.compile(
    r" ?(?:[(\[] ?)?(?<![^\W_])(?:yes(?: ?/ ?| or | )no|y(?: ?/ ?| or | )n"
    r"|ja(?: ?/ ?| )nein|j ?/ ?n|si ?/ ?no|oui(?: ?/ ?| )non)(?: ?[)\]])?$"
)
"""What a form says may be answered; `no` alone is the number of a victim: `Victim no`."""
_MINORS: Final = "(?:minors?|child|children|kids?)"
_ONE: Final = "(?:victim|minor|child)"
_UNDER_18: Final = (
    r"(?:(?:persons? )?under ?age|(?:persons? )?(?:under|below|unter) 18(?: years(?: of age)?)?)"
)
_ONE_OR_MORE: Final = (
    r"(?:(?:(?:human )?trafficking )?victims?(?: of (?:(?:human )?trafficking|(?:a )?crime))?"
    r"(?: involved| flag| indicator)?"
    rf"|{_MINORS}(?: present| involved| flag| indicator)?"
    rf"|{_ONE}(?: ?/ ?| or ){_ONE}(?: present| involved)?"
    r"|minors? (?:\(under 18\)|under 18)"
    rf"|trafficked(?: persons?)?|{_UNDER_18})"
)
_ENGLISH: Final = (
    r"(?:(?:is|was|are)(?: (?:he|she|he/she|she/he|this|(?:this |the )?(?:person|subject)))? )?"
    rf"(?:(?:a|an|any) )?(?:(?:potential|possible|suspected) )?{_ONE_OR_MORE}"
)
# fmt: off
_ELSEWHERE: Final = (
    *("vot", "baby", "infant", "hostage", "survivor", "u18", "niña", "niño", "niños", "ребёнок"),
    *("opfer", "minderjährig", "minderjährige", "minderjähriger", "geschädigte", "geschädigter"),
    *("minderjaehrig", "minderjaehrige", "minderjaehriger", "kind", "kinder"),
    *("victime", "victimes", "mineur", "mineure", "mineurs", "mineures", "enfant", "enfants"),
    *("víctima", "víctimas", "menor", "menores", "menor de edad", "menores de edad"),
    *("vítima", "vítimas", "menor de idade", "menores de idade", "criança", "crianças"),
    *("vittima", "vittime", "minorenne", "minorenni", "bambino", "bambina", "bambini"),
    *("slachtoffer", "slachtoffers", "minderjarig", "minderjarige", "minderjarigen"),
    *("brottsoffer", "minderårig", "mindreårig", "uhri", "alaikäinen", "áldozat", "kiskorú"),
    *("ofiara", "ofiary", "nieletni", "nieletnia", "małoletni", "małoletnia", "dziecko", "dzieci"),
    *("oběť", "obeť", "nezletilý", "nezletilá", "minori", "copil", "copii", "žrtva", "mağdur"),
    *("жертва", "потерпевший", "потерпевшая", "несовершеннолетний", "несовершеннолетняя"),
    *("потерпілий", "потерпіла", "неповнолітній", "неповнолітня", "дети", "діти"),
    *("θύμα", "ανήλικος", "ανήλικη", "ضحية", "قاصر", "קורבן", "קטינה", "korban", "anak"),
    *("受害者", "受害人", "被害人", "被害者", "未成年", "未成年人", "未成年者"),
    *("피해자", "미성년자"),
)
# fmt: on
_IN_OTHERS: Final = (
    r"(?:(?:ist|est|es|czy) )?(?:(?:ein|eine|un|une|una) )?(?:mogliche?s? )?"
    rf"(?:{'|'.join(re.escape(folded(word)) for word in _ELSEWHERE)})"
)
_DENIED: Final = re.compile(f"{_ENGLISH}|{_IN_OTHERS}")
_OTHER: Final = re.compile(r"(?:(?:is|was) )?(?:(?:a|an|any) )?([^\W\d_]+)")
"""Of those cleared and of witnesses there are too many words for a list, and no victim is one."""
_OF_AGE: Final = re.compile(
    r"(?:(?:is|are|ist|est|es) )?(?:(?:he|she|person) )?(?:an? |un |une )?"
    r"(?:adult|of (?:full |legal )?age|(?:over|above|uber|ueber) 18"
    r"|18 (?:or|and|und) (?:over|older|above|alter|aelter)"
    r"|erwachsen(?:er)?|volljahrig|volljaehrig|adulte|majeure?|adulto|adulta|mayor de edad"
    r"|maior de idade|maggiorenne|meerderjarig|volwassen|pelnoletnia?)"
)


def asks_whether_of_age(label: str) -> bool:
    """Tell whether a label asks whether somebody is of age: a `no` behind it speaks of a child."""
    return _OF_AGE.fullmatch(_asked_by(label)) is not None


def asks_for_or_counts_adults(label: str) -> bool:
    """Tell whether a label asks for an adult, or how many there are: in German one word is both."""
    return _asked_by(label).removeprefix("ist ") == "erwachsene"


def means_child_by_no(label: str) -> bool:
    """Tell whether a `no` in words behind a label speaks of a child: it asks either."""
    return asks_whether_of_age(label) or asks_for_or_counts_adults(label)


def is_choice(value: str) -> bool:
    """Tell whether a value is what may be answered, as in a form that nobody has filled in."""
    return _YES_OR_NO.fullmatch(value.strip().lower()) is not None


def _asked_by(label: str) -> str:
    """Return a label without what may be answered, and marks around it."""
    plain = _BETWEEN_WORDS.sub(" ", folded(label)).strip(_BEFORE).rstrip(_BEHIND)
    return _YES_OR_NO.sub("", plain).rstrip(_BEHIND)


def asks_whether(label: str) -> bool:
    """Tell whether a label asks whether somebody is a victim, a minor, a witness or cleared."""
    asked = _asked_by(label)
    if _DENIED.fullmatch(asked):
        return True
    other = _OTHER.fullmatch(asked)
    return (
        other is not None
        and not heads_victim(asked)
        and (clears(other[1]) or speaks_of_witness(other[1]))
    )
