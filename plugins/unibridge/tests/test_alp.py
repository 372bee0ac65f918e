"""The search for a size: its score, its walk, and the vocabulary that it leaves."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice
from math import log
from pathlib import Path

import numpy
import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers
from xlt_unibridge.alp import alp, piece_counts
from xlt_unibridge.corpus import Corpus
from xlt_unibridge.sizes import cutter
from xlt_unibridge.walk import Rule

from xlt_core.data.samples import recut
from xlt_core.model.unigram import SizeRefused, train_unigram

MONO = Path(__file__).resolve().parents[4] / "shared" / "data" / "mono"
SCORES = {7000: -1000.0, 8000: -990.0, 9000: -983.0, 10_000: -978.5, 11_000: -976.0, 12_000: -975.5}


def by_hand(pieces: Sequence[tuple[str, float]]) -> Callable[[Sequence[str]], list[list[int]]]:
    """A unigram tokenizer of these pieces, by another library."""
    made = Tokenizer(models.Unigram([("<unk>", 0.0), *pieces], unk_id=0))
    made.pre_tokenizer = pre_tokenizers.Metaspace("▁", "always")
    return lambda texts: [made.encode(text).ids for text in texts]


PIECES = [("▁ab", -1.0), ("▁a", -1.5), ("b", -1.2), ("▁c", -2.0), ("c", -2.5), ("▁", -3.0), ("a", -2.2)]
SAMPLES = ["ab ab c", "a ab", "c"]


def test_equation_1() -> None:
    words = Corpus(tuple(SAMPLES)).words
    assert alp(piece_counts(words, by_hand(PIECES)), len(SAMPLES)) == pytest.approx(-2.0228085, abs=1e-7)
    apart = by_hand([piece for piece in PIECES if piece[0] != "▁ab"])
    assert alp(piece_counts(words, apart), len(SAMPLES)) == pytest.approx(-3.1825708, abs=1e-7)


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=8), min_size=1, max_size=6))
def test_the_score_is_the_mean_over_samples_of_the_log_probability(samples: list[list[int]]) -> None:
    counts = Counter(piece for sample in samples for piece in sample)
    total = counts.total()
    brute = sum(log(counts[piece] / total) for sample in samples for piece in sample) / len(samples)
    held = numpy.bincount([piece for sample in samples for piece in sample])
    assert alp(held, len(samples)) == pytest.approx(brute)
    assert alp(numpy.random.default_rng(0).permutation(held), len(samples)) == pytest.approx(brute)


def test_word_by_word_counts_are_those_of_whole_samples() -> None:
    samples = tuple(f"{'ba' * (n % 5)} cab\u00a0ab ´{n % 7} ½x \u200b ﬁn" for n in range(300))
    proto = train_unigram(samples, 27).proto
    whole = Counter(piece for ids in sentencepiece.SentencePieceProcessor(model_proto=proto).encode(list(samples))
                    for piece in ids)  # fmt: skip
    counts = piece_counts(Corpus(samples).words, cutter(proto))
    assert {n: count for n, count in enumerate(counts.tolist()) if count} == dict(whole)


# the walk


@pytest.mark.parametrize(
    ("threshold", "signed", "absolute"), [(10, 8, 9), (7, 9, 10), (5, 10, 10), (4.5, 10, 11), (2.5, 11, 12)]
)
def test_both_rules_stop_where_they_should(threshold: float, signed: int, absolute: int) -> None:
    for stop, size in (("signed", signed), ("absolute", absolute)):
        found = Rule(7000, 1000, 60_000, threshold, stop).walk(SCORES.__getitem__)  # type: ignore[arg-type]
        assert found.size == 1000 * size
        assert found.tried[0].gain is None and found.tried[1].gain == 10.0


def test_a_score_that_falls_ends_a_signed_walk_only() -> None:
    falling = {7000: -100.0, 8000: -110.0, 9000: -110.5}
    assert Rule(7000, 1000, 9000, 5.0, "signed").walk(falling.__getitem__).size == 8000
    assert Rule(7000, 1000, 9000, 5.0, "absolute").walk(falling.__getitem__).size == 9000


def test_the_largest_size_is_returned_untested() -> None:
    asked: list[int] = []

    def score(size: int) -> float:
        asked.append(size)
        return -1000.0 + size

    found = Rule(7000, 1000, 8500, 5.0).walk(score)
    assert asked == [7000, 8000, 8500] == [tried.size for tried in found.tried]
    assert "largest" in found.why


def limited(low: int, high: int) -> Callable[[int], float]:
    """Scores of a text that gives from `low` to `high` pieces."""

    def score(size: int) -> float:
        if size > high:
            raise SizeRefused(size, high, True)
        if size < low:
            raise SizeRefused(size, low, False)
        return float(size)

    return score


def test_sizes_that_the_text_does_not_give() -> None:
    rule = Rule(7000, 1000, 60_000, 5.0)
    late = rule.walk(limited(100, 9500))
    assert late.size == 9000 and late.why == "the text gives 9500 pieces at most"
    assert rule.walk(limited(100, 5123)).size == 5123
    assert [tried.size for tried in rule.walk(limited(7200, 9500)).tried] == [8000, 9000]
    with pytest.raises(SizeRefused):
        rule.walk(limited(70_000, 80_000))


@given(
    st.lists(st.floats(-20, 20), min_size=2, max_size=12),
    st.floats(0.1, 10),
    st.floats(0, 10),
    st.sampled_from(["signed", "absolute"]),
)
def test_a_higher_threshold_never_gives_a_larger_size(gains: list[float], low: float, more: float, stop: str) -> None:
    scores = {100 * (n + 1): sum(gains[: n + 1]) for n in range(len(gains))}
    sizes = [
        Rule(100, 100, 100 * len(gains), threshold, stop).walk(scores.__getitem__).size  # type: ignore[arg-type]
        for threshold in (low, low + more)
    ]
    assert sizes[0] >= sizes[1]


def test_the_score_of_a_real_text() -> None:
    if not MONO.is_dir():
        pytest.skip("the shared corpora aren't here")
    with gzip.open(MONO / "lij.txt.gz", "rt", encoding="utf-8") as lines:
        corpus = Corpus(tuple(islice(recut(lines, 128), 3107)))
    assert len(corpus.samples) == 3107
    counts = piece_counts(corpus.words, cutter(train_unigram(corpus.samples, 7000).proto))
    assert alp(counts, 3107) == pytest.approx(-1358.66, abs=0.5)
