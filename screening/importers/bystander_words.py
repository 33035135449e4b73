"""Tells where a file speaks of those around a case: who saw, reported, works on it, was contacted.

Their phones and addresses stand in the same tables as those of suspects, mostly under headings of
their own. None of them may be listed under the role that the caller gives to all.
"""

import re
from typing import Final

from screening.importers.folding import folded, folded_words

# fmt: off
_WITNESSES: Final = folded_words(
    within=(
        "witness", "complainant", "plaintiff", "whistleblow", "anzeigeerstatter", "hinweisgeber",
        "plaignant", "denunciante", "querellante", "querelante", "testemunha", "testimon",
        "queixos", "getuige", "aangever", "zgłaszając", "zawiadamiając", "oznamovatel", "anmälare",
        "todistaja", "ilmoittaja", "feljelentő", "şikayetçi", "свидетел", "заявител", "свідок",
        "свідк", "заявник", "μάρτυρ", "καταγγέλλ", "الشاهد", "المبلغ", "المشتكي", "गवाह",
        "शिकायतकर्ता", "证人", "證人", "报案", "報案", "举报人", "舉報人", "目撃", "通報者",
        "届出人", "신고자", "목격자", "증인",
    ),
    begin=(
        "reporter", "informant", "informer", "tipster", "bystander", "zeuge", "zeugin", "meldende",
        "témoin", "déclarant", "testigo", "informante", "declarante", "melder", "świadek",
        "świadk", "svědek", "svědk", "svědc", "svedok", "svedk", "vittne", "vidne", "reclamant",
        "شاهد",
    ),
    whole=(
        "tanik", "taniklar", "taniklarin", "taniğin", "taniği", "taniğa", "tanú", "tanúk", "tanúja",
        "tanúi", "tanúnak", "tanútól", "martor", "martora", "martori", "martorul", "martorului",
        "martorei", "martorii", "martorilor",
    ),
)
"""Whole are those with which surnames begin: Tanikawa, Martorell."""
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
_RECIPIENTS: Final = folded_words(
    within=(
        "recipient", "addressee", "callee", "empfänger", "empfaenger", "angerufene", "destinatari",
        "destinatár", "destinataire", "destinatar", "ontvanger", "geadresseerde", "odbiorc",
        "adresat", "příjemc", "príjemc", "címzett", "hívott", "mottagare", "mottaker", "modtager",
        "vastaanottaj", "penerima", "người nhận", "получател", "адресат", "отримувач", "одержувач",
        "παραλήπτ", "αποδέκτ", "المستلم", "المرسل إليه", "المتصل به", "گیرنده", "נמען",
        "प्राप्तकर्ता", "ผู้รับ", "收件人", "收信人", "被叫", "宛先", "受信者", "送信先", "受取人",
        "수신", "받는",
    ),
    begin=("receiver", "receptor", "ricevente", "alici", "aranan"),
    whole=("bcc", "cci", "cco"),
)
"""Whom a message or a call went to: by name, in a heading, or as all that a cell says."""
_CONTACTED: Final = folded_words(
    within=(
        "other party", "counterparty", "counter party",
        "sent to", "copied to", "blind copy", "carbon copy", "zielnummer", "zielrufnummer",
        "numero appele", "numero llamado", "numero marcado", "numero chamado", "numero chiamato",
        "вызываем", "набранн", "抄送", "密送", "接收", "着信",
    ),
    begin=(
        "b party", "b number", "b teilnehmer", "b nummer", "b rufnummer", "b msisdn", "b phone",
        "b tel", "b anschluss", "terminating",
        "called", "callees", "contacted", "dialed", "dialled", "destination", "destino", "destnum",
        "receiving", "gerufene", "gewählte", "adressat", "appelé", "correspondant", "llamado",
        "marcado", "chamado", "chiamato", "gebelde", "opgeroepen", "wybieran", "wywoływan",
        "volané", "volaný", "volaná", "uppringd", "apelat", "tophone", "tonumber", "toaddress",
        "toemail",
        "tomail", "calledto", "bparty", "bnumber", "bnummer",
    ),
    whole=(
        "dest", "dst", "кому", "party b", "msisdn b", "number b", "nummer b", "rufnummer b",
        "phone b", "teilnehmer b", "subscriber b", "anschluss b", "numero b", "abonado b",
        "abonne b",
    ),
)
"""In headings, too, and words of other things anywhere else."""
_TO: Final = frozenset(
    (
        *("to", "an", "nach", "à", "vers", "para", "hacia", "aan", "naar", "till", "til", "do"),
        *("kepada", "kime"),
    )
)
"""What stands before a recipient, in front of a heading or as all of it: `To (address)`."""
_AUTHORS: Final = folded_words(
    within=(
        "submitted by", "added by", "created by", "entered by", "recorded by", "logged by",
        "filed by", "uploaded by", "provided by", "modified by", "updated by", "edited by",
        "changed by", "collected by", "completed by", "sent in by", "erfasst von", "angelegt von",
        "erstellt von", "eingetragen von", "eingegeben von", "gemeldet von", "geandert von",
        "bearbeitet von", "hinzugefugt von", "eingereicht von", "ubermittelt von",
        "hochgeladen von", "saisi par", "saisie par", "ajoute par", "cree par", "creee par",
        "enregistre par", "envoye par", "soumis par", "modifie par", "signale par",
        "anadido por", "agregado por",
        "creado por", "enviado por", "registrado por", "ingresado por", "modificado por",
        "informado por", "adicionado por", "criado por", "inserido por", "inserito da",
        "creato da", "inviato da", "registrato da", "ingevoerd door", "toegevoegd door",
        "aangemaakt door", "dodane przez", "utworzone przez", "создал", "добавил", "внес",
    ),
    begin=(
        "analyst", "editor", "author", "submitter", "respondent", "creator", "uploader",
        "ersteller", "erfasser", "bearbeiter", "analista", "analyste", "redakteur",
    ),
)
"""Who wrote the row, in headings: they stand there as accounts of those who work on the table."""
_YOURS: Final = re.compile(
    r"(?<![^\W_])(?!(?:[ts]u[\W_]{1,3}n[or]|(?:[ts]u|uw)[\W_]{1,3}(?:phone|cell|contact|number))"
    r"(?:[\W_]{1,3}(?:n[or]|number|phone))?\W*$)(?:your|ihre?|votre|tu|su|seu|sua|jouw|uw)[\W_]{1,3}"
    r"(?:(?:own|best|current|personal|private|preferred|work|home|new|direct)[\W_]{1,3})?"
    r"(?:(?:tele|phone|mobi|cell|celular|contact|handy|kontakt|rufnummer|nummer|numer|number"
    r"|movil|portable|e ?-?mail|correo|courriel|adress|address|gsm|whats ?app)"
    r"|(?:tel|mob|cel|no|nr|num)(?![^\W_]))"
)
"""So is who is asked for it in a form: `Your mobile`; in no language `SU no`, `UW phone`."""
_FORM_TIMES: Final = frozenset(map(folded, (
    "timestamp", "completion time", "submission time", "submission date", "submitted at",
    "zeitstempel", "fertigstellungszeit", "abschlusszeit", "horodateur", "heure de fin",
    "marca temporal", "hora de finalización", "carimbo de data hora", "hora de conclusão",
    "informazioni cronologiche", "ora di completamento", "tijdstempel", "tijd van voltooien",
    "sygnatura czasowa", "отметка времени", "позначка часу", "タイムスタンプ", "时间戳记",
    "타임스탬프",
)))
"""What the forms of Google and Microsoft call the column of when somebody has sent one."""
_FORM_MAILS: Final = frozenset(map(folded, (
    "email", "e mail", "mail", "email address", "e mail address", "username", "e mail adresse",
    "email adresse", "nutzername", "adresse e mail", "adresse email", "adresse mail",
    "adresse électronique", "courriel", "nom d utilisateur", "dirección de correo electrónico",
    "correo electrónico", "correo", "nombre de usuario", "endereço de e mail", "e mailadres",
    "indirizzo email", "indirizzo e mail", "adres e mail", "адрес электронной почты",
    "електронна адреса", "メールアドレス", "电子邮件地址", "이메일 주소",
)))
"""What they call that of the sender's address, right behind it."""
_FROM_AND_TO: Final = frozenset((("de", "a"), ("da", "a"), ("orig", "term")))
"""Headings beside each other of which the second is of whom a call or a message went to, and which
alone are of anything."""
_RELATIVES: Final = folded_words(
    within=(
        "next of kin", "emergency contact", "notfallkontakt", "angehorig", "contact d urgence",
        "contacto de emergencia", "contato de emergencia", "contatto di emergenza", "noodcontact",
        "ولي الأمر", "अभिभावक", "ผู้ปกครอง", "người thân", "监护人", "監護人", "家长", "家長",
        "家属", "家屬", "母亲", "母親", "父亲", "父親", "紧急联系", "緊急聯絡",
        "緊急連絡", "保護者", "家族", "어머니", "아버지", "보호자", "가족", "비상연락",
    ),
    begin=(
        "mother", "father", "parent", "guardian", "grandm", "grandf", "grandp", "stepm", "stepf",
        "sister", "brother", "sibling", "daughter", "spouse", "husband", "wife", "relative",
        "family", "mutter", "vater", "eltern", "vormund", "schwester", "bruder", "ehefrau",
        "ehemann", "gattin", "verwandt", "tochter", "familie", "tuteur", "tutrice", "epouse",
        "epoux", "famille", "frere", "madre", "padre", "esposa", "esposo", "hermana", "hermano",
        "familia", "irmao", "responsavel", "sorella", "fratello", "moglie", "marito", "marido",
        "tutore", "moeder", "vader", "voogd", "echtgeno", "rodzic", "opiekun", "siostra", "rodzin",
        "родител", "опекун", "опікун", "матер", "сестр", "родствен", "родич", "parinte", "tutor",
        "szülő", "gyám", "ebeveyn",
    ),
    whole=(
        "mum", "mom", "dad", "son", "nok", "aunt", "uncle", "cousin", "ouders", "ouder", "zus",
        "broer", "sohn", "mere", "pere", "soeur", "mari", "mae", "pai", "irma", "hijo", "hija",
        "matka", "ojciec", "brat", "мать", "отец", "брат", "жена", "муж", "мати", "батько", "mama",
        "tata", "anya", "apa", "veli", "vasi", "الأم", "الأب", "الزوج", "الزوجة", "माता", "पिता",
    ),
)
"""In headings, where they say whose number it is beside that of a suspect or a victim."""
_HELPERS: Final = folded_words(
    within=(
        "frauenhaus", "beratungsstelle", "krankenhaus", "casa de acogida", "casa de acolhida",
        "убежищ", "приют", "больниц", "посольств", "收容所", "庇护所", "庇護所", "大使馆", "大使館",
        "医院", "醫院", "쉼터", "대사관", "병원",
    ),
    begin=(
        "shelter", "refuge", "hotline", "helpline", "charit", "hospital", "clinic", "klinik",
        "embass", "consul", "konsul", "botschaft", "ambassade", "embajada", "embaixada",
        "ambasciat", "police", "polizei", "polici", "polizia", "doctor", "physician", "nurse",
        "medecin", "interpreter", "translator", "dolmetsch", "albergue", "schronisk", "barinma",
        "siginma",
    ),
    whole=("ngo", "ngos", "ong", "arzt", "ärztin", "нко", "мвд"),
)
"""Who helps, in headings: a safety list knows the numbers of some of them only."""
# fmt: on
_IN_HEADINGS: Final = (_RECIPIENTS, _CONTACTED, _AUTHORS, _RELATIVES, _HELPERS)


def names_other_beside(heading: str, before: str) -> bool:
    """Tell whether a heading is of somebody else than all are by the one to the left of it."""
    return _names_form_sender(heading, before) or _names_called(heading, before)


def _names_form_sender(heading: str, before: str) -> bool:
    """Tell whether what stands under a heading is the address of who has filled in a form.

    `before` is the heading to the left of it. One that says whose address it is (`Suspect email`)
    is a question of the form, and what stands there an answer.
    """
    return folded(before) in _FORM_TIMES and folded(heading) in _FORM_MAILS


def _names_called(heading: str, before: str) -> bool:
    """Tell whether a heading, with the one to the left of it, is of whom a call went to."""
    return (folded(before).strip(), folded(heading).strip()) in _FROM_AND_TO


def names_bystander(heading: str) -> bool:
    """Tell whether what stands under a heading is that of somebody around a case.

    That is a witness, a reporter, an officer, a relative, who helps or wrote it down, or whom a
    message or a call went to.
    """
    text = folded(heading)
    words = heading.lower().replace(":", " ").split()
    return (
        speaks_of_bystander(heading)
        or any(words.search(text) for words in (*_IN_HEADINGS, _YOURS))
        or not _TO.isdisjoint(words[:1])
        or (words[-1:] == ["to"] and words[-2:] != ["reply", "to"])
    )


def may_name_copies(heading: str) -> bool:
    """Tell whether a heading is `cc`: of whom a message was copied to, or else of credit cards."""
    return "cc" in heading.lower().split()


def speaks_of_bystander(text: str) -> bool:
    """Tell whether a free text speaks of somebody who saw, reported, or works on a case."""
    return speaks_of_witness(text) or _OFFICERS.search(folded(text)) is not None


def speaks_of_witness(text: str) -> bool:
    """Tell whether a remark speaks of somebody who saw or reported, and did nothing.

    Not of officers: their names stand beside those of suspects. That somebody is a witness and that
    a witness names somebody is told by the same words: both are for a person to read.
    """
    return _WITNESSES.search(folded(text)) is not None


def is_recipient(cell: str) -> bool:
    """Tell whether a cell is one word that says that a message or a call went there."""
    text = folded(cell).strip()
    return len(text.split()) == 1 and _RECIPIENTS.match(text) is not None
