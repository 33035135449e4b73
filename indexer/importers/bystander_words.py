"""Tells where a file speaks of those around a case: who saw, reported or works on it.

Their phones and addresses stand in the same tables as those of suspects, mostly under headings of
their own. None of them may be listed under the role that the caller gives to all.
"""

from typing import Final

from indexer.importers.folding import folded, folded_words

# fmt: off
_WITNESSES: Final = folded_words(
    within=(
        "witness", "complainant", "plaintiff", "anzeigeerstatter", "hinweisgeber", "plaignant",
        "denunciante", "querellante", "querelante", "testemunha", "testimon", "queixos",
        "getuige", "aangever", "zgłaszając", "zawiadamiając", "oznamovatel", "anmälare",
        "todistaja", "ilmoittaja", "feljelentő", "şikayetçi", "свидетел", "заявител", "свідок",
        "заявник", "μάρτυρ", "καταγγέλλ", "الشاهد", "المبلغ", "المشتكي", "गवाह", "शिकायतकर्ता",
        "证人", "證人", "报案", "報案", "举报人", "舉報人", "目撃", "通報者", "届出人", "신고자",
        "목격자", "증인",
    ),
    begin=(
        "reporter", "informant", "zeuge", "zeugin", "meldende", "témoin", "déclarant", "testigo",
        "testigos", "informante", "declarante", "melder", "świadek", "svěd", "vittne", "vidne",
        "tanik", "tanú", "martor", "reclamant", "شاهد",
    ),
)
_OFFICERS: Final = folded_words(
    within=(
        "reported by", "investigator", "caseworker", "case worker", "social worker", "prosecutor",
        "attorney", "sachbearbeit", "ermittler", "beamte", "enquêteur", "magistrat", "funcionari",
        "verbalisant", "funkcjonariusz", "следовател", "слідч", "办案", "辦案",
        "担当者", "담당자",
    ),
    begin=(
        "officer", "reporting", "detective", "lawyer", "oficial", "inspector", "inspecteur",
        "inspetor", "ispettor", "anwalt", "anwält",
    ),
)
# fmt: on


def names_bystander(heading: str) -> bool:
    """Tell whether what stands under a heading is a witness's, a reporter's or an officer's."""
    text = folded(heading)
    return bool(_WITNESSES.search(text) or _OFFICERS.search(text))


def is_witness(cell: str) -> bool:
    """Tell whether a cell is one word that says that somebody saw or reported, and did nothing."""
    text = folded(cell).strip()
    return len(text.split()) == 1 and _WITNESSES.match(text) is not None
