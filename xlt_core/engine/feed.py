"""From a logical batch to what runs together: views are made first, then cut, so that cuts change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import torch

from xlt_core.data.encode import Piece, collate
from xlt_core.data.masking import Pieces, mask_rows
from xlt_core.data.whole_words import drawn, mask_words
from xlt_core.engine.batching import a_call, generator, physical
from xlt_core.engine.context import Context
from xlt_core.engine.net import Net
from xlt_core.engine.states import KeptStates
from xlt_core.facts import Layer, Transform, View
from xlt_core.model.heads import cross_entropies
from xlt_core.slots.losses import Mask

Change = Callable[[Piece, int], Piece]
"""What a transform other than masking makes of a stretch in a step."""


class Feed:
    """Makes the contexts of a step: `feed(pieces, step)`."""

    def __init__(
        self,
        net: Net,
        wanted: Mapping[View, frozenset[Layer]],
        seed: int,
        device: torch.device,
        tokens_at_once: int = 8192,
        group: int | None = None,
        ranks: int = 1,
        kept: KeptStates | None = None,
        changes: Mapping[Transform, Change] | None = None,
    ) -> None:
        self.net, self.wanted, self.seed, self.device = net, dict(wanted) or {View(): frozenset()}, seed, device
        self.tokens_at_once, self.group, self.ranks = tokens_at_once, group, ranks
        self.call = a_call(device, sum(weight.numel() for weight in net.parameters() if weight.requires_grad))
        self.kept, self._longest, self.changes = kept, 0, dict(changes or {})
        self._known: dict[str, Pieces] = {}
        self._once: dict[tuple[object, ...], Piece] = {}

    def __call__(self, logical: Sequence[Piece], step: int) -> list[Context]:
        shown = {view: self._view(view, logical, step) for view in self.wanted}
        size, self._longest = self.group or len(logical), 0
        return [
            self._context(shown, cut, number, rank)
            for number, start in enumerate(range(0, len(logical), size))
            for rank, cut in self._cuts(shown, logical, range(start, min(start + size, len(logical))))
        ]

    def halve(self) -> bool:
        """Run half as much at once from now on; False where it is one example at a time already."""
        if self._longest >= self.tokens_at_once:
            return False
        self.tokens_at_once //= 2
        return True

    def _cuts(
        self, shown: Mapping[View, Sequence[Piece]], logical: Sequence[Piece], which: Sequence[int]
    ) -> Iterator[tuple[int, list[int]]]:
        """Numbers of pieces that run together, and the process that runs them; languages apart where they have parts
        of their own. Each process has its share of the short ones and of the long ones."""
        languages: dict[str, list[int]] = {}
        for n in which:
            languages.setdefault(logical[n].language if self.net.apart else "", []).append(n)
        length = {n: max(len(pieces[n].ids) for pieces in shown.values()) for n in which}
        self._longest = max(self._longest, *length.values())
        for numbers in languages.values():
            ordered = sorted(numbers, key=lambda n: length[n]) if self.ranks > 1 else numbers
            for rank in range(self.ranks):
                mine = ordered[rank :: self.ranks]
                for cut in physical(mine, [length[n] for n in mine], self.tokens_at_once, self.call):
                    yield rank, cut

    def _context(self, shown: Mapping[View, Sequence[Piece]], cut: Sequence[int], group: int, rank: int) -> Context:
        net = self.net
        pad = int(net.tokenizer_of(next(iter(shown.values()))[cut[0]].language).pad_token_id)
        batches = {view: collate([pieces[n] for n in cut], pad).to(self.device) for view, pieces in shown.items()}
        loss = cross_entropies if net.head is None else net.head.loss
        return Context(
            batches, net.states, net.score, net.vocabulary, self.wanted, loss, net.vectors,
            net.before_output, net.rebuilt, net.unchanged, self.kept, net.word_rows,
            width=net.backbone.width, group=group, rank=rank,
        )  # fmt: skip

    def _view(self, view: View, logical: Sequence[Piece], step: int) -> list[Piece]:
        pieces = list(logical)
        for transform in view.transforms:
            if transform.name == "mask":
                pieces = self._masked(pieces, transform, step)
            else:
                change = self.changes[transform]
                pieces = [change(piece, step) for piece in pieces]
        return pieces

    def _masked(self, pieces: Sequence[Piece], transform: Transform, step: int) -> list[Piece]:
        """Masks with one draw hit the same places, whatever view they stand in."""
        spec = Mask.model_validate(dict(transform.options))
        key = transform.draw or str(transform)
        if any(piece.unit_of for piece in pieces):
            return [self._words_masked(piece, key, spec, step) for piece in pieces]
        if not spec.fresh:
            return [self._masked_once(piece, key, spec) for piece in pieces]
        found = list(pieces)
        for vocabulary, numbers in self._by_vocabulary(pieces).items():
            some = [pieces[n] for n in numbers]
            known = self._pieces_of(some[0].language)
            stream = generator(self.seed, "mask", key, step, *([vocabulary] if vocabulary else []))
            rows = mask_rows([p.ids for p in some], [p.first_of for p in some], spec, known, stream)
            for n, row in zip(numbers, rows, strict=True):
                found[n] = _with(pieces[n], *row)
        return found

    def _by_vocabulary(self, pieces: Sequence[Piece]) -> dict[str, list[int]]:
        """Numbers of pieces by the vocabulary that reads them; the backbone's has no name."""
        found: dict[str, list[int]] = {}
        for n, piece in enumerate(pieces):
            found.setdefault(self.net.vocabulary_of(piece.language) or "", []).append(n)
        return found

    def _pieces_of(self, language: str) -> Pieces:
        name = self.net.vocabulary_of(language) or ""
        if name not in self._known:
            self._known[name] = Pieces.of(self.net.tokenizer_of(language))
        return self._known[name]

    def _words_masked(self, piece: Piece, key: str, spec: Mask, step: int) -> Piece:
        """Which words are hidden hangs on the sentence alone, so that its changed copies hide the same."""
        turn = (step,) if spec.fresh else ()
        words = piece.before or piece.first_of[piece.words]
        stream = generator(self.seed, "mask", key, piece.language, piece.sentence, words[:1], *turn)
        return mask_words(piece, drawn(words, spec.rate, stream), spec, self._pieces_of(piece.language), stream)

    def _masked_once(self, piece: Piece, key: str, spec: Mask) -> Piece:
        known = self._pieces_of(piece.language)
        which = (key, piece.language, piece.sentence, piece.ids)
        if which not in self._once:
            (row,) = mask_rows([piece.ids], [piece.first_of], spec, known, generator(self.seed, "mask", *which))
            self._once[which] = _with(piece, *row)
        return self._once[which]


def _with(piece: Piece, ids: Sequence[int], targets: Sequence[int]) -> Piece:
    return replace(piece, ids=tuple(ids), targets=tuple(targets))
