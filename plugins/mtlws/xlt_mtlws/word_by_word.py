"""Translation through a dictionary, which also says which word became which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from xlt_core.bitext.given import dictionary_of
from xlt_core.bitext.pairs import labelled, told, write_links, write_translation
from xlt_core.graph.job import Job
from xlt_mtlws.bitext import WordByWord


class Translated(NamedTuple):
    """A sentence in the other language, and which words its words stand for."""

    words: tuple[str, ...]
    links: list[tuple[int, int]]
    unknown: int


def word_by_word(job: Job) -> None:
    """The work of the translator `mtlws.word_by_word`."""
    options, _ = job.part("translation", job.stage.part, job.stage.options)
    assert isinstance(options, WordByWord)
    lexicon = Lexicon(dictionary_of(job))
    sources = labelled(job)
    found = [lexicon.translate(row.words, keep=options.unknown == "keep") for row in sources]
    write_translation(job, sources, [one.words for one in found])
    write_links(job.out, [one.links for one in found])
    words = sum(len(row.words) for row in sources)
    told(job, {"sentences": len(sources), "words": words, "unknown": sum(one.unknown for one in found)})


class Lexicon:
    """A dictionary in which runs of words are looked up, the longest first.

    >>> Lexicon({"a little": "un peu", "cat": "chat"}).translate(("a", "little", "Cat"), keep=True).words
    ('un', 'peu', 'chat')
    """

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._as_written = dict(entries)
        self._folded = {key.casefold(): other for key, other in reversed(list(entries.items()))}
        self._longest = max((len(key.split()) for key in entries), default=1)

    def translate(self, words: Sequence[str], keep: bool) -> Translated:
        """Each run of words by its first translation; each of its words is linked to each of the translation's."""
        said: list[str] = []
        links: list[tuple[int, int]] = []
        at = unknown = 0
        while at < len(words):
            length, found = self._at(words, at)
            if not found:
                unknown += 1
                found = [words[at]] if keep else []
            links += [(at + one, len(said) + other) for one in range(length) for other in range(len(found))]
            said += found
            at += length
        return Translated(tuple(said), links, unknown)

    def _at(self, words: Sequence[str], at: int) -> tuple[int, list[str]]:
        """How many words from here on have an entry, and what it says."""
        for length in range(min(self._longest, len(words) - at), 0, -1):
            run = " ".join(words[at : at + length])
            found = self._as_written.get(run) or self._folded.get(run.casefold())
            if found:
                return length, found.split()
        return 1, []
