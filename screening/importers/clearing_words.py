"""Tells where a file says that somebody is not what its list is of: cleared, or a wrong number.

A table of suspects keeps those who turned out to be none, with a status beside them.
"""

import re
from typing import Final

from screening.importers.folding import folded_words, spaced

_MOST_WORDS_OF_A_STATUS: Final = 4
"""`Acquitted on appeal`; a text that is longer tells a story, perhaps of somebody else."""
# fmt: off
_CLEARING: Final = folded_words(
    within=(
        # English
        "wrong number", "wrong person", "wrong man", "wrong woman", "wrong phone", "wrong email",
        "wrong address", "wrong card", "false positive", "false alarm", "false match", "false hit",
        "false lead", "mistaken identity", "misidentif", "mis identif", "not involved",
        "no involvement", "not related", "no connection", "not connected", "no link", "not guilty",
        "not a suspect", "not suspect", "no suspicion", "no longer suspect", "no longer a suspect",
        "not a trafficker", "not trafficker", "ruled out", "released without charge",
        "no case to answer", "charges dropped", "case dropped", "no further action", "do not list",
        "do not publish", "do not use", "reassigned", "number recycled", "new subscriber",
        "no longer his", "no longer hers", "no longer theirs", "not his number", "not her number",
        "unsubstantiat", "unfounded", "uninvolved",
        # German
        "unschuld", "freigesprochen", "freispruch", "falsche nummer", "falsche person",
        "falsche adresse", "falsche rufnummer", "fehlalarm", "falsch positiv", "falschtreffer",
        "unbeteiligt", "nicht beteiligt", "kein verdacht", "nicht verdächtig", "nicht schuldig",
        "nicht tatverdächtig", "kein tatverdacht", "kein tatverdächtig", "keine verdächtig",
        "ermittlungen eingestellt", "ermittlung eingestellt",
        "verfahren eingestellt", "unbegründet", "verwechsl", "irrtum", "irrtüm",
        # French
        "disculpé", "hors de cause", "non lieu", "faux numéro", "mauvais numéro",
        "mauvaise personne", "faux positif", "fausse alerte", "non impliqué", "pas impliqué",
        "non coupable",
        "sans suite", "non fondé", "par erreur",
        # Spanish, Portuguese and Italian
        "absuelt", "exculpad", "exonerad", "sobreseíd", "sobreseim", "número equivocado",
        "persona equivocada", "falso positivo", "falsa alarma", "falso alarme", "falso allarme",
        "no implicad", "no involucrad", "por error", "absolvid", "inocentad", "número errado",
        "pessoa errada", "não envolvid", "por engano", "não culpad", "prosciolt", "scagionat",
        "numero sbagliato", "persona sbagliata", "non coinvolt", "per errore", "estraneo ai fatti",
        # Dutch, and of the North
        "onschuldig", "vrijgesproken", "verkeerd nummer", "verkeerde nummer", "verkeerde persoon",
        "vals positief", "vals alarm", "niet betrokken", "ongegrond", "oskyldig", "frikänd",
        "frikjent", "frifund", "uskyldig", "fel nummer", "feil nummer", "forkert nummer",
        "falskt larm", "falsk alarm", "ej inblandad", "ikke involvert", "syytön", "väärä numero",
        # Of the East and South-East
        "niewinn", "uniewinnion", "błędny numer", "fałszywy alarm", "umorzon", "pomyłk", "nevinn",
        "neviňn", "zproštěn", "oslobodený spod", "špatné číslo", "nesprávné číslo",
        "falešný poplach", "ártatlan", "felmentett", "téves szám", "téves riasztás", "nevinovat",
        "achitat",
        "număr greșit", "alarmă falsă", "невинов", "невинн", "виправдан", "оправдан", "непричаст",
        "не причаст", "ошибочн", "по ошибке", "помилков", "ложное срабат", "не тот номер",
        "λάθος αριθμ", "beraat", "yanliş numara", "suçsuz",
        # Of Asia
        "بريء", "براءة", "رقم خاطئ", "خطأ", "بی گناه", "بیگناه", "निर्दोष", "बेकसूर", "无罪",
        "無罪", "清白", "误报", "誤報", "错误号码", "打错", "冤枉",
        "無実", "誤検知", "人違い", "番号違い", "무죄",
        "무혐의", "오탐", "tidak bersalah", "salah nombor", "salah nomor", "vô tội",
    ),
    begin=(
        "acquit", "exonerat", "exculpat", "mistake", "innocen", "inocente", "inocência",
        "erroneous", "retracted", "withdrawn", "unrelated", "equivocad", "descartad", "αθώ",
        "entlastung", "whitelist",
    ),
    whole=(
        "no suspect", "nfa", "no sospechoso", "no sospechosa", "pas suspect", "pas suspecte",
        "cleared", "error", "errors", "mistook", "dismissed", "discharged", "baseless",
        "eliminated", "delisted", "acquitté", "acquittée", "relaxé", "relaxée", "erreur", "erreurs",
        "errore", "innocente", "innocenti", "assolto", "assolta", "infondé", "infondée",
        "infundado", "infundada", "infondato", "infondata", "entlastet", "vergissing", "engano",
        "friad", "omyl",
        "omylem", "téves", "masum", "blanchi", "blanchie", "ошибка", "помилка",
    ),
)
_CLEARING_NOBODY: Final = folded_words(
    whole=(
        "not cleared", "not yet cleared", "not been cleared", "never cleared", "not acquitted",
        "never acquitted", "not exonerated", "not innocent", "not dismissed", "not discharged",
        "not eliminated", "not withdrawn", "not unrelated", "no mistake", "not a mistake",
        "no error", "nicht unschuldig", "nicht freigesprochen", "nicht entlastet", "kein irrtum",
        "pas innocent", "pas innocente", "pas acquitté", "non acquitté", "no absuelto",
        "no absuelta", "no inocente", "no exonerado", "non innocente", "non assolto",
        "não inocente",
        "discharged from prison", "discharged from jail", "discharged from hospital",
        "error in name", "error in names", "error in the name",
        *(
            f"error in {what} of {whose}"
            for what in ("transcription", "transliteration", "spelling", "typing", "translation")
            for whose in ("name", "names", "the name", "his name", "her name", "surname")
        ),
    ),
)
"""What would say so but for the words beside it: denied, or of prisons and of how a name is spelt.
"""
# fmt: on
_IN_A_YEAR: Final = re.compile(r" (?:in )?(?:19|20)[0-9]{2}(?= )")
"""`Discharged 2019 from prison`."""


def clears(text: str) -> bool:
    """Tell whether a remark says that somebody was cleared, or is listed by mistake.

    It is not asked of whom, nor what else is denied in it: that is for a person to read.
    """
    words = _IN_A_YEAR.sub("", spaced(text))
    return _CLEARING.search(_CLEARING_NOBODY.sub(" ", words)) is not None


def is_clearing(cell: str) -> bool:
    """Tell whether a cell is hardly more than that: the status of the one in its row."""
    words = spaced(cell).split()
    return len(words) <= _MOST_WORDS_OF_A_STATUS and clears(cell)
