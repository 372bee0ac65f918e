"""Masking: the share, what stands instead, whole words, and independence of batching."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from xlt_core.data.encode import IGNORED  # noqa: E402
from xlt_core.data.masking import Pieces, mask_rows  # noqa: E402
from xlt_core.slots.losses import Mask  # noqa: E402

PIECES = Pieces(mask=99, size=100, special=frozenset({0, 1, 2, 99}))


def stream(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def rows(count: int, length: int = 50) -> tuple[list[list[int]], list[list[int]]]:
    ids = torch.randint(3, 99, (count, length), generator=stream(7)).tolist()
    begins = [[-1, *[n if n % 2 == 0 else -1 for n in range(length)], -1] for _ in range(count)]
    return [[0, *row, 2] for row in ids], begins


def test_the_share_and_what_stands_instead() -> None:
    ids, begins = rows(2000)
    counts = {"hidden": 0, "mask": 0, "same": 0, "other": 0}
    for row, (shown, targets) in zip(ids, mask_rows(ids, begins, Mask(rate=0.15), PIECES, stream()), strict=True):
        for true, seen, target in zip(row, shown, targets, strict=True):
            if target == IGNORED:
                assert seen == true
                continue
            assert target == true and true not in PIECES.special
            counts["hidden"] += 1
            counts["mask" if seen == 99 else "same" if seen == true else "other"] += 1
            assert seen == 99 or seen not in PIECES.special
    assert 0.147 < counts["hidden"] / 100_000 < 0.153
    assert 0.79 < counts["mask"] / counts["hidden"] < 0.81
    assert 0.09 < counts["other"] / counts["hidden"] < 0.11


def test_words_are_hidden_whole() -> None:
    ids, begins = rows(400)
    hidden = 0
    for _, targets in mask_rows(ids, begins, Mask(rate=0.2, unit="word", replace="mask"), PIECES, stream()):
        inside = [target != IGNORED for target in targets[1:-1]]
        assert inside[0::2] == inside[1::2]
        hidden += sum(inside)
    assert 0.18 < hidden / (400 * 50) < 0.22


def test_the_same_stream_hides_the_same() -> None:
    ids, begins = rows(20)
    assert mask_rows(ids, begins, Mask(), PIECES, stream(3)) == mask_rows(ids, begins, Mask(), PIECES, stream(3))
    assert mask_rows(ids, begins, Mask(), PIECES, stream(3)) != mask_rows(ids, begins, Mask(), PIECES, stream(4))


@settings(max_examples=30, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    unit=st.sampled_from(["token", "word"]),
    rate=st.floats(0.05, 0.95),
)
def test_nothing_is_lost(lengths: list[int], unit: str, rate: float) -> None:
    ids = [[0, *range(10, 10 + n), 2] for n in lengths]
    begins = [[-1, *range(n), -1] for n in lengths]
    made = mask_rows(ids, begins, Mask(rate=rate, unit=unit), PIECES, stream())  # type: ignore[arg-type]
    for row, (shown, targets) in zip(ids, made, strict=True):
        assert len(shown) == len(targets) == len(row)
        assert [s if t == IGNORED else t for s, t in zip(shown, targets, strict=True)] == row


def test_a_tokenizer_without_a_mask_is_refused() -> None:
    class Bare:
        mask_token_id = None

    with pytest.raises(ValueError, match="mask"):
        Pieces.of(Bare())
