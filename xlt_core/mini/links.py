"""Which words of two translations say the same: gold alignments, read off what each word is there for."""

from __future__ import annotations

from xlt_core.mini.world import Sentence

Link = tuple[int, int]

_FUNCTION = ("ADP", "DET", "PART", "AUX", "SCONJ", "CCONJ")
# Names whose words stand in the same order everywhere: New York, Нью-Йорк.
_IN_ORDER = ("given", "family", "place")


def links(source: Sentence, target: Sentence) -> tuple[Link, ...]:
    """(word of the source, word of the target), in order; every word that is no mark has at least one link.

    Words of one concept are linked: one to one in order where both have as many words of a name, all to all
    otherwise. An article, a case or a classifier is linked to its like, or to what it marks.
    """
    forward = {(at, to) for at in range(len(source.words)) for to in _counterparts(source, at, target)}
    backward = {(to, at) for at in range(len(target.words)) for to in _counterparts(target, at, source)}
    return tuple(sorted(forward | backward))


def _counterparts(sentence: Sentence, at: int, other: Sentence) -> list[int]:
    of, upos = sentence.of[at], sentence.upos[at]
    slot, _, concept = of.partition("/")
    if concept:
        return _of_concept(sentence, at, other)
    same = [to for to, mark in enumerate(other.of) if mark == of and (of[0] == "+" or other.upos[to] == upos)]
    if same:
        return same
    if upos == "PUNCT":
        return []
    return _heads(other, slot) if of[0] != "+" else _pattern_words(other)


def _of_concept(sentence: Sentence, at: int, other: Sentence) -> list[int]:
    of = sentence.of[at]
    ours = [place for place, mark in enumerate(sentence.of) if mark == of]
    theirs = [place for place, mark in enumerate(other.of) if mark == of]
    if len(ours) == len(theirs) and of.partition("/")[2].partition(".")[0] in _IN_ORDER:
        return [theirs[ours.index(at)]]
    alike = [to for to in theirs if (other.upos[to] in _FUNCTION) == (sentence.upos[at] in _FUNCTION)]
    return alike or theirs


def _heads(other: Sentence, slot: str) -> list[int]:
    """The words of a slot's first concept that are no function words."""
    own = [at for at, mark in enumerate(other.of) if mark.startswith(f"{slot}/") and mark != f"{slot}/"]
    first = [at for at in own if other.of[at].partition("/")[2].partition(".")[0] != "adj"] or own
    return [at for at in first if other.upos[at] not in _FUNCTION] or first


def _pattern_words(other: Sentence) -> list[int]:
    """What stands for a word that belongs to the pattern alone and has no like ("is", where there is none)."""
    own = [at for at, mark in enumerate(other.of) if mark[0] == "+" and other.upos[at] != "PUNCT"]
    if own:
        return own
    for slot in ("do", "contrast", "quality", "role", "kind", "thing"):
        found = [at for at, mark in enumerate(other.of) if mark.startswith(f"{slot}/") and mark != f"{slot}/"]
        if found:
            return found[-1:]
    return []
