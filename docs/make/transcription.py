"""Hold the transcribers against WikiPron and the released files, and write the tables of `docs/transcription.md`.

python docs/make/transcription.py [../shared/data]
"""

from __future__ import annotations

import random
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from xlt_core.errors import XltError
from xlt_core.rewriting.find import Wanted
from xlt_core.rewriting.once import Once
from xlt_core.rewriting.stream import Lines

PAGE = Path(__file__).resolve().parents[1] / "transcription.md"
MOST, SEED = 1000, 0
IGNORED = str.maketrans("", "", "ˈˌːˑ.‿ ˥˦˧˨˩\u035c\u0361\u032f\u0300\u0301\u0302\u0304\u030c")
"""Stress, length, syllable and tie marks, and tones by letters or accents."""
NATIVE: Mapping[str, Any] = {"recipe": "native"}
TOOLS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("epitran", "epitran", {}),
    ("phonexl.espeak", "phonexl.espeak", {}),
    ("phonexl.transcriber, native", "phonexl.transcriber", NATIVE),
)
RELEASED: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("zh", "zho", {"recipe": "roman"}),
    ("zh", "zho", {"recipe": "roman", "pinyin": "pypinyin"}),
    ("zh", "zho", {}),
    ("zh", "zho", {"pinyin": "pypinyin"}),
    ("vi", "vie", {}),
    ("ja", "jpn", {"recipe": "roman"}),
    ("ja", "jpn", {"recipe": "roman", "ja_first_chunk": True}),
    ("ja", "jpn", {"ja_first_chunk": True}),
    ("ko", "kor", {"recipe": "roman"}),
    ("ko", "kor", {}),
)


def lines(file: Path) -> Iterator[list[str]]:
    with Lines.open(file) as opened:
        yield from (line.split("\t") for block in opened.blocks() for _, line in block)


def plain(ipa: str) -> str:
    return unicodedata.normalize("NFD", ipa).translate(IGNORED).replace("g", "ɡ")


def distance(one: str, other: str) -> int:
    """Edits between two texts."""
    row = list(range(len(other) + 1))
    for at, sign in enumerate(one, 1):
        above, row[0] = row[0], at
        for place, mark in enumerate(other, 1):
            above, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, above + (sign != mark))
    return row[-1]


def against(said: Mapping[str, str], told: Mapping[str, list[str]]) -> tuple[float, float]:
    """The share of words that agree, and the mean error."""
    errors = []
    for word, form in said.items():
        made = plain(form)
        errors.append(min(distance(made, right) / max(len(made), len(right), 1) for right in told[word]))
    return sum(error == 0 for error in errors) / len(errors), sum(errors) / len(errors)


def wikipron(folder: Path) -> Iterator[list[str]]:
    yield ["list", "words", *(title for title, _, _ in TOOLS)]
    yield ["---"] * (2 + len(TOOLS))
    for file in sorted(folder.glob("*.tsv*")):
        name = file.name.split(".")[0]
        language = name[:3]
        if name.startswith("zho_latn"):
            continue  # its words are pinyin
        listed: dict[str, list[str]] = {}
        for word, ipa in lines(file):
            listed.setdefault(word, []).append(plain(ipa))
        drawn = random.Random(SEED).sample(sorted(listed), min(MOST, len(listed)))
        cells = [name, f"{len(drawn):,} of {len(listed):,}"]
        for _, tool, options in TOOLS:
            cells.append(compared(Wanted(tool, language, options), drawn, listed))
        print(cells, file=sys.stderr, flush=True)
        yield cells


def compared(wanted: Wanted, words: list[str], told: Mapping[str, list[str]]) -> str:
    """`agreement / error (coverage)` of a tool, over the words that it read to their end."""
    try:
        once = Once(wanted.tool())
    except XltError:
        return "-"
    said = dict(zip(words, once.words(words), strict=True))
    read = {word: form for word, form in said.items() if (made := once.known[word]) is not None and made.whole}
    if not read:
        return "none read"
    share, error = against(read, told)
    coverage = "" if once.tally.coverage > 0.995 else f" ({once.tally.coverage:.0%} read)"
    return f"{share:.1%} / {error:.2f}{coverage}"


def released(folder: Path) -> Iterator[list[str]]:
    yield ["file", "column", "options", "types", "agree", "served by"]
    yield ["---"] * 6
    for name, language, options in RELEASED:
        roman = options.get("recipe") == "roman"
        rows = {
            cells[0]: cells[3 if roman else 2]
            for cells in lines(folder / f"dev-{name}.tsv.gz")
            if len(cells) == 4 and any(sign.isalpha() for sign in cells[0])
        }
        once = Once(Wanted("phonexl.transcriber", language, options).tool())
        said = once.words(list(rows))
        wanted = [form.replace("yoʊ", "joʊ").replace("ʔ", "") for form in rows.values()]
        same = sum(made == form for made, form in zip(said, wanted, strict=True)) / len(rows)
        by = ", ".join(f"{who} {count / len(rows):.0%}" for who, count in Counter(once.tally.by).most_common(3))
        told = ", ".join(f"{key}: {str(value).lower()}" for key, value in options.items() if key != "recipe")
        yield [f"dev-{name}", "Latin" if roman else "IPA", told or "-", f"{len(rows):,}", f"{same:.1%}", by]


def table(rows: Iterable[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main(data: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name, rows in (
        ("released", released(data / "phonexl" / "full_updated_udpos")),
        ("wikipron", wikipron(data / "ipa" / "wikipron")),
    ):
        made = f"<!-- {name} -->\n{table(rows)}\n<!-- end -->"
        text = re.sub(f"<!-- {name} -->.*?<!-- end -->", lambda _, made=made: made, text, flags=re.S)  # type: ignore[misc]
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"))
