"""Code-switching: words of a sentence replaced by a dictionary's translations, sound and all, before they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from xlt_core.data.encode import Piece
from xlt_core.data.records import EXAMPLES, read_tagged
from xlt_core.data.streams import StreamReader
from xlt_core.engine.batching import generator
from xlt_core.engine.net import Net
from xlt_core.facts import Transform
from xlt_core.graph.job import Job
from xlt_phonexl.dictionary import Dictionary, Found, dictionaries

RARE = 0.01
"""Share of switched words below which a copy is next to no other than the sentence."""


def switch(transform: Transform, job: Job, net: Net) -> Switch:
    """What a view's `switch` does in a stage; how much of its text the dictionary has is told."""
    assert job.stage.seed is not None
    options = dict(transform.options)
    length = min(int(job.stage.options["max_length"]), job.backbone.positions)
    known = dictionaries(job, str(options.get("match", "word")))
    made = Switch(known, options, (job.stage.seed, transform.draw), net, length)
    for language, dictionary in known.items():
        _tell(job, language, dictionary, made)
    return made


def _tell(job: Job, language: str, dictionary: Dictionary, switch: Switch) -> None:
    labels = job.inputs_named("labels ").items()
    folders = [folder for fact, folder in labels if f":{language}:" in fact and fact.endswith(":train")]
    coverage = dictionary.coverage(row.words for folder in folders for row in read_tagged(folder / EXAMPLES))
    rate = switch.rate * switch.sentences * coverage
    job.report({"kind": "switch", "language": language, "coverage": coverage, "effective_switch_rate": rate})
    told = f"the dictionary has {coverage:.1%} of the words of {language}, and {rate:.1%} are switched"
    job.note(told if rate >= RARE else f"{told}: too few to learn from; a dictionary of words cut as the text's is due")


class Switch:
    """`change(piece, step)`: each word is looked up with a chance, and a translation takes its place.

    Special tokens keep the sentence's language; a translation has its own. What no longer fits is cut from the copy.
    """

    def __init__(
        self,
        known: Mapping[str, Dictionary],
        options: Mapping[str, object],
        of: tuple[object, ...],
        net: Net,
        max_length: int,
    ) -> None:
        self.known, self.of, self.net, self.max_length = known, of, net, max_length
        self.rate, self.sentences = float(str(options["rate"])), float(str(options.get("sentences", 1.0)))
        self.fresh, self.source_answers = bool(options.get("fresh")), options.get("predicts") == "source"
        self._readers: dict[tuple[str | None, ...], StreamReader] = {}
        self._once: dict[tuple[str, int, int], Piece] = {}

    def __call__(self, piece: Piece, step: int) -> Piece:
        which = (piece.language, piece.sentence, piece.first_of[piece.words.start])
        if self.fresh:
            return self._switched(piece, generator("switch", *self.of, *which, step))
        if which not in self._once:
            self._once[which] = self._switched(piece, generator("switch", *self.of, *which))
        return self._once[which]

    def _switched(self, piece: Piece, draw: torch.Generator) -> Piece:
        dictionary = self.known.get(piece.language)
        if dictionary is None or piece.row is None:
            return piece
        numbers = piece.first_of[piece.words]
        words = [piece.row.words[n] for n in numbers]
        runs = dictionary.runs(words)
        looks, picks = torch.rand(2, len(runs), generator=draw).tolist()
        if float(torch.rand((), generator=draw)) >= self.sentences:
            return piece
        chosen = [run if look < self.rate else run._replace(by=()) for run, look in zip(runs, looks, strict=True)]
        if not any(run.by for run in chosen):
            return piece
        at = {run.start: pick for run, pick in zip(runs, picks, strict=True)}
        return self._copy(piece, words, numbers, _kept_apart(chosen), at)

    def _copy(
        self,
        piece: Piece,
        words: Sequence[str],
        numbers: Sequence[int],
        runs: Sequence[Found],
        picks: Mapping[int, float],
    ) -> Piece:
        assert piece.row is not None
        channels = dict(piece.row.forms)
        said: list[str] = []
        spoken: list[str] = []
        forms: dict[str, list[str]] = {channel: [] for channel in channels}
        for run in runs:
            by = run.by[int(picks[run.start] * len(run.by))] if run.by else None
            said.append(words[run.start] if by is None else by.word)
            spoken.append(piece.language if by is None else by.language)
            for channel, own in forms.items():
                own.append(channels[channel][numbers[run.start]] if by is None else dict(by.forms)[channel])
        copy = self._reader(piece.language).again(piece, [numbers[run.start] for run in runs], said, forms, spoken)
        return self._told(copy, piece)

    def _told(self, copy: Piece, piece: Piece) -> Piece:
        """A copy's labels are those of the words that stood there; so are its answers, where they are asked for."""
        unit = {word: n for n, word in enumerate(piece.first_of) if word >= 0}
        here = [unit.get(word, n) for n, word in enumerate(copy.first_of[: copy.words.stop])]
        after = len(copy.first_of) - copy.words.stop
        here += range(len(piece.first_of) - after, len(piece.first_of))
        labels = tuple(piece.labels[n] for n in here) if piece.labels else ()
        side = tuple(tuple(row[n] for n in here) for row in piece.side)
        answers = tuple(_pieces_at(piece, n) for n in here) if self.source_answers else ()
        return replace(copy, labels=labels, side=side, answers=answers)

    def _reader(self, language: str) -> StreamReader:
        names, net = self.net.vocabularies_of(language), self.net
        if names not in self._readers:
            besides = {channel: net.tokenizer_of(language, channel) for channel in net.channels}
            self._readers[names] = StreamReader(net.tokenizer_of(language), besides, self.max_length)
        return self._readers[names]


def _kept_apart(runs: Sequence[Found]) -> list[Found]:
    """Runs that stay as they are, word by word again."""
    return [
        one for run in runs for one in ([run] if run.by else [Found(n, n + 1, ()) for n in range(run.start, run.stop)])
    ]


def _pieces_at(piece: Piece, unit: int) -> tuple[int, ...]:
    return tuple(number for number, own in zip(piece.ids, piece.unit_of, strict=True) if own == unit)
