"""Make `xlt_core/languages.tsv`, the table of languages, from two packages on PyPI.

    python -m venv tables && tables/bin/pip install iso639-lang==2.6.3 babel==2.18.0
    tables/bin/python docs/make/languages.py xlt_core/languages.tsv

Sources and their licences:

- Codes, names, macrolanguages: the ISO 639-3 code tables of SIL Global, the registration authority
  (https://iso639-3.sil.org), free to use with attribution; read from iso639-lang (MIT).
- Default scripts and everyday English names: Unicode CLDR 47, Unicode License v3; read from Babel
  (BSD-3-Clause).

The packages are needed here only. The result is the same, byte for byte, for the same versions.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterable
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

HEADER = """\
# Codes, names and macrolanguages: ISO 639-3 code tables, (c) SIL Global, https://iso639-3.sil.org, \
free use with attribution. Scripts and everyday names: Unicode CLDR 47, (c) Unicode, Inc., \
Unicode License v3. Made by docs/make/languages.py; change that, not this.
# iso3\tiso1\tscript\tmacro\tname\tother names, parted by semicolons
"""

# Codes outside ISO 639-3 that data sets go on using: (script, macro, name).
BY_HAND = {
    # Merged into `apc` in 2023; FLORES-200 and all that is cut from it keep the two apart.
    "ajp": ("Arab", "ara", "South Levantine Arabic"),
    # Split into `egl` and `rgn` in 2009; the Wikipedia, and so WikiANN, has one `eml`.
    "eml": ("Latn", "", "Emiliano-Romagnolo"),
    # Groups of languages (ISO 639-2 and 639-5) that AmericasNLI names its Nahuatl and its Otomi by.
    "nah": ("Latn", "", "Nahuatl languages"),
    "oto": ("Latn", "", "Otomian languages"),
}

# Where CLDR's likely script is not the one that texts in data sets are in.
SCRIPTS = {
    "crh": "Latn",  # CLDR: Cyrl. Wikipedia, FLORES and Tatoeba: Latn.
    "gno": "Deva",  # By its macrolanguage it would get Telu, which is the southern Gondi's.
    "lzh": "Hant",  # CLDR: Hans. Wikipedia and Universal Dependencies: Hant.
}

# Names in use that neither source has.
NAMES = {
    "ckb": ["Sorani"],
    "cmn": ["Mandarin"],
    "cdo": ["Min Dong"],
    "eml": ["Emilian-Romagnol"],
    "fas": ["Farsi"],
    "hak": ["Hakka"],
    "hch": ["Wixarika"],
    "ind": ["Bahasa Indonesia"],
    "khm": ["Cambodian"],
    "kmr": ["Kurmanji"],
    "lug": ["Luganda"],
    "lzh": ["Classical Chinese"],
    "msa": ["Bahasa Melayu"],
    "mya": ["Myanmar"],
    "nah": ["Nahuatl"],
    "nan": ["Min Nan", "Hokkien"],
    "olo": ["Livvi-Karelian", "Olonets"],
    "oto": ["Otomi"],
    "shp": ["Shipibo"],
    "sot": ["Sesotho"],
    "swa": ["Kiswahili"],
    "tar": ["Rarámuri"],
    "tsn": ["Setswana"],
    "wuu": ["Shanghainese"],
    "xho": ["isiXhosa"],
    "zul": ["isiZulu"],
}


def iso(table: str) -> dict[str, Any]:
    """One of the JSON tables in iso639-lang."""
    text = (files("iso639") / "data" / f"iso-639{table}.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


class Cldr:
    """What is read of CLDR: likely scripts by tag, aliases and English names."""

    def __init__(self) -> None:
        core = import_module("babel.core")
        self.likely = core.get_global("likely_subtags")
        self.aliases = core.get_global("language_aliases")
        self.names = core.Locale("en").languages

    def script(self, tag: str) -> str:
        """The script of a language by its shortest tag: `am` -> `Ethi`."""
        found = self.likely.get(tag)
        return found.split("_")[1] if found else ""

    def script_by_alias(self, tag: str) -> str:
        """The script of the tag that CLDR replaces this one with: `cnr` -> `sr_ME` -> `Latn`."""
        alias = self.aliases.get(tag, "")
        script: list[str] = re.findall(r"_([A-Z][a-z]{3})\b", alias)
        return script[0] if script else self.script(alias) or self.script(alias.split("_")[0])


def plain(name: str) -> str:
    """A name as lookups compare it, to leave out what would be found anyway."""
    bare = re.sub(r"\s*\([^)]*\)", "", name.casefold())
    letters = unicodedata.normalize("NFKD", bare)
    return "".join(letter for letter in letters if letter.isalnum())


def uninverted(reference: str, others: Iterable[str]) -> list[str]:
    """Other names without those like `Arabic, Egyptian`, whose straight order is listed too."""
    return [name for name in others if ", " not in name and name != reference]


def other_names(reference: str, candidates: Iterable[str]) -> str:
    """The candidates that say something new, in the order given."""
    kept = {plain(reference): ""}
    for name in candidates:
        kept.setdefault(plain(name), re.sub(r"\s*\([^)]*\)", "", name))
    return ";".join(name for name in kept.values() if name)


def rows() -> list[tuple[str, ...]]:
    """All rows, by code."""
    cldr, scope, others = Cldr(), iso("_scope"), iso("_other_names")
    macro = {member: whole for whole, members in iso("_macro")["macro"].items() for member in members}
    # The four special codes (`mis`, `mul`, `und`, `zxx`) name no language.
    tables = {code: row for code, row in iso("")["pt3"].items() if scope[code] in ("I", "M")}
    tag = {code: row["pt1"] or code for code, row in tables.items()}

    def script(code: str) -> str:
        own = SCRIPTS.get(code) or cldr.script(tag[code]) or cldr.script_by_alias(tag[code])
        return own or (script(macro[code]) if code in macro else "")

    made = []
    for code, row in tables.items():
        name = row["name"]
        listed = uninverted(name, others.get(name, []))
        more = [cldr.names.get(tag[code], name), *listed, *NAMES.get(code, [])]
        made.append((code, row["pt1"], script(code), macro.get(code, ""), name, other_names(name, more)))
    for code, (written, whole, name) in BY_HAND.items():
        made.append((code, "", written, whole, name, ";".join(NAMES.get(code, []))))
    return sorted(made)


def main(target: str) -> None:
    """Write the table to `target`."""
    lines = ("\t".join(row).rstrip("\t") for row in rows())
    Path(target).write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1])
