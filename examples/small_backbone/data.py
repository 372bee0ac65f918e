"""The texts and translations of a small backbone, out of a folder of open corpora:

    python examples/small_backbone/data.py CORPORA OUT

CORPORA holds `mono/LANG.txt`, `sib200/LANG_Script/{train,dev}.tsv`, `parallel/{tico19,nllb_seed,mafand}` and
`dict/{gatitos,tico19}`, plain or gzip-compressed. OUT gets `LANG.txt`, a sentence a line, and one table of
translations: a column for each language in the order of `LANGUAGES`, a meaning a row, an empty cell where a language
lacks it.

No test part is read. A sentence's translation is taken where it also stands in the language's `mono` text, which was
cleaned of all sentences that tests hold; entries of dictionaries are taken as they are.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

LANGUAGES = (
    "eng", "zho", "rus", "arb", "jpn", "kor", "vie", "tur", "ell", "heb", "pes", "hin", "fra", "ita", "hun", "ukr",
    "fin", "tam", "tgl", "spa", "swh", "urd", "tha", "hau",
)  # fmt: skip
SCRIPTS = {
    "zho": "Hans", "rus": "Cyrl", "arb": "Arab", "jpn": "Jpan", "kor": "Hang", "ell": "Grek", "heb": "Hebr",
    "pes": "Arab", "hin": "Deva", "ukr": "Cyrl", "tam": "Taml", "urd": "Arab", "tha": "Thai",
}  # fmt: skip
"""Latin where a language isn't named."""
SHORT = {
    "zho": "zh", "rus": "ru", "arb": "ar", "jpn": "ja", "kor": "ko", "vie": "vi", "tur": "tr", "ell": "el", "heb": "he",
    "pes": "fa", "hin": "hi", "fra": "fr", "ita": "it", "hun": "hu", "ukr": "uk", "fin": "fi", "tam": "ta", "spa": "es",
    "swh": "sw", "urd": "ur", "tha": "th", "hau": "ha",
}  # fmt: skip
"""As dictionaries write them; Tagalog is `tl` in one and `fil` in another."""

Meaning = Mapping[str, str]
"""Language to sentence or word."""


def lines(file: Path) -> list[str]:
    """A file's lines, plain or as FILE.gz; blanks within them are made alike."""
    packed = file.with_name(file.name + ".gz")
    text = gzip.decompress(packed.read_bytes()).decode() if packed.is_file() else file.read_text(encoding="utf-8")
    return [" ".join(line.split(" ")).strip() for line in text.removeprefix("\ufeff").split("\n")]


def mono(corpora: Path, language: str) -> list[str]:
    name = "zho_Hans" if language == "zho" else language
    return [line for line in lines(corpora / "mono" / f"{name}.txt") if line]


def sib200(corpora: Path) -> Iterator[Meaning]:
    """News and travel in all languages: the same number is the same sentence."""
    found: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        folder = corpora / "sib200" / f"{language}_{SCRIPTS.get(language, 'Latn')}"
        for part in ("train", "dev"):
            for line in lines(folder / f"{part}.tsv")[1:]:
                if line:
                    number, _, text = line.split("\t")
                    found.setdefault(number, {})[language] = text.strip()
    yield from (found[number] for number in sorted(found, key=int))


def tico19(corpora: Path) -> Iterator[Meaning]:
    """Health: the same number is the same English sentence."""
    found: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        file = corpora / "parallel" / "tico19" / f"eng-{language}.tsv"
        if file.is_file() or file.with_name(file.name + ".gz").is_file():
            for line in lines(file):
                if line:
                    number, english, text = line.split("\t")
                    found.setdefault(number, {"eng": english.strip()})[language] = text.strip()
    yield from found.values()


def two_files(corpora: Path) -> Iterator[Meaning]:
    """Encyclopaedia and news, line by line."""
    seed, news = corpora / "parallel" / "nllb_seed", corpora / "parallel" / "mafand"
    for language, english, other in (
        ("ita", seed / "ita_Latn.seed.eng", seed / "ita_Latn.seed.ita"),
        ("hau", news / "en-hau" / "train.en", news / "en-hau" / "train.hau"),
        ("hau", news / "en-hau" / "dev.en", news / "en-hau" / "dev.hau"),
        ("swh", news / "en-swa" / "dev.en", news / "en-swa" / "dev.swa"),
    ):
        for one, two in zip(lines(english), lines(other), strict=True):
            if one and two:
                yield {"eng": one, language: two}


def dictionaries(corpora: Path) -> Iterator[Meaning]:
    """Words and terms: those with one English entry stand in one row."""
    found: dict[str, dict[str, str]] = {}
    for language, english, word in (*_gatitos(corpora / "dict" / "gatitos"), *_terms(corpora / "dict" / "tico19")):
        if english and word:
            found.setdefault(english.casefold(), {"eng": english}).setdefault(language, word)
    yield from found.values()


def _gatitos(folder: Path) -> Iterator[tuple[str, str, str]]:
    for language in LANGUAGES:
        file = folder / f"en_{SHORT.get(language, '')}.tsv"
        if file.is_file() or file.with_name(file.name + ".gz").is_file():
            yield from ((language, *line.split("\t")[:2]) for line in lines(file) if "\t" in line)  # type: ignore[misc]


def _terms(folder: Path) -> Iterator[tuple[str, str, str]]:
    known = {short: language for language, short in SHORT.items()} | {"tl": "tgl", "fil": "tgl"}
    for file in sorted(folder.iterdir()):
        if not file.name.startswith(("f_en-", "g_en_")):
            continue
        code = file.name[5:].split(".")[0].replace("_", "-").split("-")[0]
        if code in known:
            for row in csv.DictReader(lines(file)):
                yield known[code], row["sourceString"].strip(), row["targetString"].strip()


def main(corpora: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    texts = {language: mono(corpora, language) for language in LANGUAGES}
    texts["eng"] += [row["eng"] for row in tico19(corpora)]  # the one side of these translations that `mono` lacks
    for language, text in texts.items():
        (out / f"{language}.txt").write_text("\n".join(text) + "\n", encoding="utf-8")
    clean = {language: set(text) for language, text in texts.items()}
    with (out / f"{'-'.join(LANGUAGES)}.tsv").open("w", encoding="utf-8") as table:
        for name, source in (("sib200", sib200), ("tico19", tico19), ("two files", two_files)):
            rows = [{own: text for own, text in row.items() if text in clean[own]} for row in source(corpora)]
            print(f"{name}: {_write(table, rows)} sentences with translations", file=sys.stderr)
        print(f"dictionaries: {_write(table, list(dictionaries(corpora)))} entries", file=sys.stderr)


def _write(table: object, rows: list[dict[str, str]] | list[Meaning]) -> int:
    kept = [row for row in rows if len(row) > 1]
    for row in kept:
        cells = [" ".join(row.get(language, "").split()) for language in LANGUAGES]
        table.write("\t".join(cells) + "\n")  # type: ignore[attr-defined]
    return len(kept)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
