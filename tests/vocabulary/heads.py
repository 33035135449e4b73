"""Heads of CSV files: what `gen-screen bulk`, `indexer import` and `extract` must read alike."""

from typing import Final

PHONE: Final = "+12025550142"

PARTED: Final[dict[str, tuple[str, list[str]]]] = {
    "commas in names": (
        f"Phone, mobile;Name, first, last\n{PHONE};Jane\n",
        ["Phone, mobile", "Name, first, last"],
    ),
    "commas in all cells": (
        f"Phone, mobile;Name, first, last\n{PHONE};Jane, A, B\n",
        ["Phone, mobile", "Name, first, last"],
    ),
    "commas in brackets": (
        f"Phone;Remarks (date, place, who)\n{PHONE};seen\n",
        ["Phone", "Remarks (date, place, who)"],
    ),
    "as many commas below, and no selector as it stands": (
        "Phone;Remarks (date, place, who)\n202 555 0142;seen, there, by A\n",
        ["Phone", "Remarks (date, place, who)"],
    ),
    "no rows": ("Phone, mobile;Name, first, last\n", ["Phone, mobile", "Name, first, last"]),
    "commas with spaces": (f"Name, Phone\nJane, {PHONE}\n", ["Name", "Phone"]),
    "semicolons in a name": (f"Phone,Name; first\n{PHONE},A\n", ["Phone", "Name; first"]),
    "commas as decimal points": (f"price;phone\n1,50;{PHONE}\n", ["price", "phone"]),
    "tabs": (
        f"Phone, mobile\tName, first, last\n{PHONE}\tA\n",
        ["Phone, mobile", "Name, first, last"],
    ),
    "bars": (f"phone|note, any\n{PHONE}|a, b\n", ["phone", "note, any"]),
    "quoted names": (f'"phone";"a, ""b"", c"\n{PHONE};x\n', ["phone", 'a, "b", c']),
    "rows of other lengths": (
        f"Phone\tNotes; any\tName\n{PHONE}\tx; y\tA\n{PHONE}\tx; y\tA\n{PHONE}\tx; y\tA\tB\n",
        ["Phone", "Notes; any", "Name"],
    ),
    "spaces within quotation marks": (
        'Notes, any;"Phone; private"\nx, y;202 555 0142\n',
        ["Notes, any", "Phone; private"],
    ),
    "a note of many lines": (
        f'name;"phone, mobile";note\nA;{PHONE};"' + "one, two\n" * 60 + '"\n',
        ["name", "phone, mobile", "note"],
    ),
    "told": (f"sep=;\na,phone,b;phone\nx;{PHONE}\n", ["a,phone,b", "phone"]),
    "told in quotation marks": (f'"sep=|"\nphone|a\n{PHONE}|x\n', ["phone", "a"]),
    "told in capitals": (f"SEP=;\na,phone,b;phone\nx;{PHONE}\n", ["a,phone,b", "phone"]),
    "told below a blank line": (f"\n\nsep=;\n\nname, x;phone\nA;{PHONE}\n", ["name, x", "phone"]),
    "a blank line": (f"\nphone;name\n{PHONE};A\n", ["phone", "name"]),
    "a line of empty cells": (f";;\nname;phone;x\nA;{PHONE};\n", ["name", "phone", "x"]),
    "a line of empty cells in quotation marks": (
        f'""," "\nphone,name\n{PHONE},A\n',
        ["phone", "name"],
    ),
    "one column": (f"phone\n{PHONE}\n", ["phone"]),
}
"""A file, and the cells of its header."""

TITLED: Final = (
    f"Listado de reservas 2024;;\n;;\nNombre;Teléfono;Correo\nAna;{PHONE};ana@x.example\n",
    "Telefonliste;;\n;;\nName;Telefon;E-Mail\nAna;0171 2345678;ana@x.example\n",
    f"Buchungsliste;;\nStand: 12.03.2024;;\nName;Telefon;E-Mail\nA;{PHONE};a@x.example\n",
    "Export;26.11.2024;Hotel\nName;Telefon;Ort\nAna;0171 2345678;Bonn\n",
    f"Export;26.11.2024;Hotel\nName;Phone of victim;Ort\nAna;{PHONE};Bonn\n",
    f"Report 12,,,Confidential\nName,Phone,Role,Expires at\nJo,{PHONE},x,2027-01-01\n",
    f"Report 12,,\n,,\nName,Phone,Email\nA,{PHONE},a@x.example\n",
    f"Phone list 2024,,\nName,Phone,Email\nA,{PHONE},a@x.example\n",
    "Report 12,\nTelefon,Ort\n030 23125099,Berlin\n",
    "Buchungsliste 2024\n\nName;Telefon;E-Mail\nAna;0171 2345678;ana@x.example\n",
    "Buchungen, Stand 26.11.2024\nName\tTelefon\nAna\t0171 2345678\nEva\t0171 2345679\n",
    "Telefonliste\nName|Telefon|E-Mail\nAna|0171 2345678|ana@x.example\n",
    "Liste 7\nNimi;Numero\nAna;0171 2345678\nEva;0171 2345679\n",
    "Kunde;;Kontakt;\nName;Nr;Telefon;E-Mail\nAna;1;0171 2345678;ana@x.example\n",
    "sep=,\nListe 7\nName;Telefon\nAna;0171 2345678\n",
    f"Liste des appels;;\nNom;Téléphone;Courriel\nA;{PHONE};a@x.example\n",
    "Name,Notes x\nPhone,Email\nA,B\n",
    f"\nListe 7\n\nname;phone;phone of victim\nA;{PHONE};+12025550143\n",
)
"""Files with a title above the names of their columns."""
IS_TITLE: Final = "is a title, not the names of its columns; remove what stands above these"

OTHERWISE_PARTED: Final = {
    f"sep=^\nphone^name\n{PHONE}^A\n": "tells of a separator that is not read; export it again",
    f'\n"sep=:"\nphone:name\n{PHONE}:A\n': "tells of a separator that is not read; export it again",
    "id^email\n1^a@x.example\n": "seems to separate its columns by ^; export it again",
    "id~email of victim\n1~a@x.example\n": "seems to separate its columns by ~; export it again",
    "\nid:email\n1:a@x.example\n": "seems to separate its columns by :; export it again",
}
"""Files that are refused for what parts them, and the sentence."""
