"""Texts in which words stand in other languages, beside the texts as they are:

    python examples/small_backbone/mix.py TEXTS NEW OUT

TEXTS is what `data.py` wrote, NEW the backbone that starts from it: where a language writes no spaces, its pieces are
the words. Which word says what in English is learnt from the translations (IBM model 1 in both directions); what two
languages say alike in English they say alike. Of each line OUT gets the line itself and one in which about two fifths
of the words that have translations are said in other languages, each in one drawn at random. No sentence is added.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from data import LANGUAGES
from transformers import AutoTokenizer

from xlt_core.model.load import quiet
from xlt_core.model.vectors import linked

UNSPACED = {"zho": "[\u4e00-\u9fff]+", "jpn": "[\u3041-\u30ff\u4e00-\u9fff]+", "tha": "[\u0e01-\u0e4e]{3,}"}
"""Languages without spaces, and which of their pieces may be words."""
WORD = re.compile(r"[^\W\d_](?:[\w\u0300-\u036f\u0900-\u0dff\u200c\u200d]|['’](?=\w))*")
SHARE, LEAST, SURE = 0.4, 1.5, 0.2
"""Of the words that could be switched; expected links of two words at least; and the share of a word's links."""
Word = tuple[int, int]
"""Where a word begins and ends in its line."""


class Words:
    """Finds words in lines, and numbers them."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.numbers: dict[str, int] = {}
        self.written: list[str] = []

    def spans(self, language: str, line: str) -> list[Word]:
        if language not in UNSPACED:
            return [found.span() for found in WORD.finditer(line)]
        coded = self.tokenizer(line, add_special_tokens=False, return_offsets_mapping=True)
        return [span for span in coded["offset_mapping"] if re.fullmatch(UNSPACED[language], line[slice(*span)])]

    def coded(self, language: str, line: str) -> list[int]:
        return [self.number(f"{language} {line[start:end].casefold()}") for start, end in self.spans(language, line)]

    def number(self, word: str) -> int:
        if word not in self.numbers:
            self.numbers[word] = len(self.written)
            self.written.append(word)
        return self.numbers[word]


def dictionary(words: Words, table: Sequence[Sequence[str]]) -> dict[str, dict[str, str]]:
    """For each language's words what they are in others: `["fra eau"]["hin"]`."""
    english = [words.coded("eng", row[0]) for row in table]
    columns = {language: [words.coded(language, row[n]) for row in table] for n, language in enumerate(LANGUAGES) if n}
    to: dict[str, dict[str, str]] = {}
    back: dict[str, str] = {}
    for language, column in columns.items():
        pairs = [(own, pivot) for own, pivot in zip(column, english, strict=True) if own and pivot]
        links = linked(pairs, len(words.written), 8)
        for row, best in _sure(links):
            back[words.written[row]] = words.written[best]
        for row, best in _sure(links.T.tocsr()):
            to.setdefault(words.written[row], {})[language] = words.written[best].partition(" ")[2]
    found = {word: dict(others) for word, others in to.items()}
    for word, said in back.items():
        own = word.partition(" ")[0]
        found[word] = {"eng": said.partition(" ")[2]}
        found[word] |= {other: theirs for other, theirs in to.get(said, {}).items() if other != own}
    return found


def _sure(links: Any) -> list[tuple[int, int]]:
    """Each row's best column, where it is sure enough."""
    totals = np.asarray(links.sum(1)).ravel()
    best = np.asarray(links.argmax(1)).ravel()
    values = np.asarray(links.max(1).todense()).ravel()
    rows = np.flatnonzero((values >= LEAST) & (values >= SURE * totals))
    return [(int(row), int(best[row])) for row in rows]


def switched(line: str, language: str, words: Words, known: dict[str, dict[str, str]], draw: Random) -> str:
    """The line with some of its words in other languages."""
    parts: list[str] = []
    done = 0
    for start, end in words.spans(language, line):
        others = known.get(f"{language} {line[start:end].casefold()}")
        if others and draw.random() < SHARE:
            word = others[draw.choice(sorted(others))]
            apart = f" {word} " if language in UNSPACED else word
            parts += [line[done:start], apart.capitalize() if line[start].isupper() else apart]
            done = end
    return " ".join("".join([*parts, line[done:]]).split())


def main(texts: Path, new: Path, out: Path) -> None:
    quiet()
    words = Words(AutoTokenizer.from_pretrained(new))
    name = f"{'-'.join(LANGUAGES)}.tsv"
    table = [line.split("\t") for line in (texts / name).read_text(encoding="utf-8").split("\n") if line]
    known = dictionary(words, table)
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(texts / name, out / name)
    for language in LANGUAGES:
        lines = (texts / f"{language}.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
        draw = Random(language)
        both = [(line, switched(line, language, words, known, draw)) for line in lines]
        kept = [text for line, other in both for text in ((line, other) if other != line else (line,))]
        (out / f"{language}.txt").write_text("\n".join(kept) + "\n", encoding="utf-8")
        own = sum(word.startswith(f"{language} ") for word in known)
        print(f"{language}: {own} words known in others, {len(kept) - len(lines)} of {len(lines)} lines switched")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
