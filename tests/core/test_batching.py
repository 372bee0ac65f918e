"""What counts together, and what runs together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise, product

import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.core.letters import ALL, NUMBERS, Letters, corpus, feed, tagger
from xlt_core.data.encode import Piece, SubwordReader
from xlt_core.data.mix import whole_shares
from xlt_core.data.records import Tagged
from xlt_core.engine.batching import epoch_batches, generator, mixed_batches, physical
from xlt_core.engine.feed import Feed
from xlt_core.facts import View
from xlt_core.model.adapters import AdapterShape, LanguageAdapter
from xlt_core.slots.losses import Mask


def test_logical_batches_are_a_function_of_seed_and_epoch() -> None:
    def order(seed: int, epoch: int) -> list[list[int]]:
        return list(epoch_batches(range(20), 6, seed, epoch))

    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(1, 1) != order(2, 1)
    assert sorted(n for batch in order(3, 2) for n in batch) == list(range(20))


def cost(cuts: Iterable[Sequence[int]], call: int) -> int:
    """Σ (call + rows · the longest of them), of cuts that hold lengths."""
    return sum(call + len(cut) * max(cut) for cut in cuts)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(16, 120), st.integers(0, 50))
def test_what_runs_together_holds_each_example_once_within_its_room(lengths: list[int], tokens: int, call: int) -> None:
    cuts = list(physical(list(range(len(lengths))), lengths, tokens, call))
    assert sorted(n for cut in cuts for n in cut) == list(range(len(lengths)))
    assert all(len(cut) == 1 or len(cut) * max(lengths[n] for n in cut) <= tokens for cut in cuts)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8), st.integers(30, 120), st.integers(0, 50))
def test_no_other_way_to_cut_costs_less(lengths: list[int], tokens: int, call: int) -> None:
    rising = sorted(lengths)
    ways = []
    for chosen in product((False, True), repeat=len(rising) - 1):
        ends = [0, *(n + 1 for n, cut in enumerate(chosen) if cut), len(rising)]
        cuts = [rising[begin:end] for begin, end in pairwise(ends)]
        if all(len(cut) * cut[-1] <= tokens for cut in cuts):
            ways.append(cost(cuts, call))
    assert cost(physical(lengths, lengths, tokens, call), call) == min(ways)


def test_where_calls_cost_nothing_nothing_is_padded() -> None:
    lengths = [3, 9, 3, 5, 9, 9]
    assert list(physical(lengths, lengths, 1000, 0)) == [[3, 3], [5], [9, 9, 9]]


def test_languages_with_parts_of_their_own_run_apart() -> None:
    model = tagger()
    shape = AdapterShape.of(model.backbone, reduction=2)
    rows = [Tagged(str(n), code, ("ab",), ("O",)) for n, code in enumerate(("eng", "vie", "eng", "vie"))]
    pieces = SubwordReader(Letters(), 32).stretches(rows, NUMBERS)
    assert len(feed(model)(pieces, 0)) == 1
    for code in ("eng", "vie"):
        model.languages[code] = LanguageAdapter(code, shape, generator(code))
    contexts = feed(model)(pieces, 0)
    assert [ctx.batches[View()].language for ctx in contexts] == ["eng", "vie"]
    apart = [model.states(ctx.batches[View()], ALL)["last"] for ctx in contexts]
    assert not torch.equal(apart[0], apart[1])


def test_masks_do_not_depend_on_how_a_batch_is_cut() -> None:
    model, rows = tagger(), corpus([3, 9, 2, 7])
    pieces = SubwordReader(Letters(), 64).stretches(rows)
    for fresh in (True, False):
        view = View().with_(Mask(rate=0.4, fresh=fresh).transform())
        seen = []
        for tokens in (16, 10_000):
            made = Feed(model, {view: frozenset({"last"})}, 1, torch.device("cpu"), tokens)(pieces, 3)
            seen.append({p.sentence: (p.ids, p.targets) for ctx in made for p in ctx.batches[view].pieces})
        assert seen[0] == seen[1]


def test_fresh_masks_change_and_static_ones_stay() -> None:
    model, rows = tagger(), corpus([9, 9])
    pieces = SubwordReader(Letters(), 64).stretches(rows)
    for fresh in (True, False):
        view = View().with_(Mask(rate=0.5, fresh=fresh).transform())
        make = Feed(model, {view: frozenset({"last"})}, 1, torch.device("cpu"))
        one, other = (make(pieces, step)[0].batches[view].ids.tolist() for step in (0, 1))
        assert (one != other) == fresh


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=8), st.floats(0, 1))
def test_shares_add_up_and_keep_their_order(counts: list[int], power: float) -> None:
    found = whole_shares(counts, power)
    assert sum(found) == sum(counts)
    ordered = sorted(zip(counts, found, strict=True))
    assert all(b >= a - 1 for (_, a), (_, b) in pairwise(ordered))


def test_languages_are_drawn_by_their_share() -> None:
    piece = Piece(0, (0, 2), (-1, -1), slice(1, 1))
    items = [replace(piece, sentence=n, language="eng") for n in range(90)]
    items += [replace(piece, sentence=n, language="amh") for n in range(10)]
    drawn = [own for batch in mixed_batches(items, 8, 1, 0, 0.0) for own in batch]
    assert [own.language for own in drawn].count("amh") == 50
    times = [sum(own == other for other in drawn) for own in items[90:]]
    assert times == [5] * 10, "what a language has too little of is read equally often"
    again = [own for batch in mixed_batches(items, 8, 1, 0, 0.0) for own in batch]
    other = [own for batch in mixed_batches(items, 8, 1, 1, 0.0) for own in batch]
    assert again == drawn and {own.sentence for own in other} != {own.sentence for own in drawn}
