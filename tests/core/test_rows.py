"""Rows of a joint training: nothing is lost or doubled, nothing is too long, and shares come out as asked."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from xlt_core.data.encode import TextReader
from xlt_core.data.mix import power_of, shares
from xlt_core.data.rows import Mixture, RowReader, Translations
from xlt_core.model.load import quiet
from xlt_core.model.shapes import byte_tokenizer
from xlt_core.slots.shapes import SHAPES


@cache
def tokenizer(shape: str = "xlm-roberta-base") -> Any:
    quiet()
    return byte_tokenizer(SHAPES[shape], 512)


def reader(length: int, restart: bool = False, shape: str = "xlm-roberta-base") -> RowReader:
    return RowReader(tokenizer(shape), length, restart)


sentences = st.lists(st.text("ab ", max_size=30), max_size=12)


@given(sentences, st.integers(12, 40), st.booleans())
def test_packing_keeps_every_piece_once_and_in_order(lines: list[str], length: int, restart: bool) -> None:
    rows = reader(length, restart).text(lines, "eng", packed=True)
    special = set(tokenizer().all_special_ids)
    packed = [piece for row in rows for piece in row.ids if piece not in special]
    alone = [piece for row in TextReader(tokenizer(), length).stretches(lines, "eng") for piece in row.ids]
    assert packed == [piece for piece in alone if piece not in special]
    assert all(len(row.ids) == len(row.first_of) <= length for row in rows)
    assert all(len(row.places) == (len(row.ids) if restart else 0) for row in rows)


@given(sentences, st.integers(12, 40))
def test_a_row_ends_only_where_the_next_line_does_not_fit(lines: list[str], length: int) -> None:
    rows = reader(length).text(lines, "eng", packed=True)
    for number in range(len(rows) - 1):
        following = rows.sentences[int(rows.bounds[number + 1])][0]
        assert len(rows[number].ids) + 2 + len(following) > length


def test_lines_are_rows_as_any_text_reader_cuts_them() -> None:
    lines = ["one two", "", "a" * 50, "three"]
    mine = reader(20).text(lines, "eng")
    assert [row.ids for row in mine] == [row.ids for row in TextReader(tokenizer(), 20).stretches(lines, "eng")]


@pytest.mark.parametrize(
    ("shape", "ids", "places"),
    [("xlm-roberta-base", 13, (0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 6)),
     ("bert-base-multilingual-cased", 12, (0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6))],
)  # fmt: skip
def test_positions_begin_anew_with_each_sentence(shape: str, ids: int, places: tuple[int, ...]) -> None:
    (row,) = reader(40, True, shape).text(["two", "four"], "eng", packed=True)
    assert (len(row.ids), row.places) == (ids, places)
    assert [word for word in row.first_of if word >= 0] == [0, 1]
    assert not reader(40, False, shape).text(["two", "four"], "eng", packed=True)[0].places


@given(st.text("ab", min_size=1, max_size=40), st.text("ab", min_size=1, max_size=40), st.integers(10, 60))
def test_of_a_pair_that_is_too_long_the_longer_sentence_is_cut(one: str, two: str, length: int) -> None:
    made = reader(length)
    ((own, begins), (other, marks)) = made.coded([one, two])
    row = made.pair(0, (own, begins), (other, marks), "eng")
    spare = length - 4
    kept = [len(own), len(other)]
    while sum(kept) > spare:  # the rule, piece by piece
        kept[int(kept[1] > kept[0])] -= 1
    assert list(row.ids) == [0, *own[: kept[0]], 2, 2, *other[: kept[1]], 2]


def test_translations_are_paired_both_ways_where_both_languages_have_them() -> None:
    table = [("red", "rouge", ""), ("", "deux", "do"), ("sun", "soleil", "suraj")]
    pairs = Translations(reader(60), ["eng", "fra", "hin"], table).pairs()
    sizes = {"eng-fra": 2, "fra-eng": 2, "fra-hin": 2, "hin-fra": 2, "eng-hin": 1, "hin-eng": 1}
    assert {name: len(rows) for name, rows in pairs.items()} == sizes
    read = [tokenizer().decode(row.ids) for row in pairs["hin-fra"]]
    assert read == ["<s> do</s></s> deux</s>", "<s> suraj</s></s> soleil</s>"]
    assert {row.language for row in pairs["hin-fra"]} == {"hin"}


@given(st.lists(st.tuples(st.integers(1, 40), st.floats(0.05, 1)), min_size=1, max_size=5), st.integers(0, 3))
def test_a_mixture_has_the_shares_and_leaves_no_row_out(sources: list[tuple[int, float]], seed: int) -> None:
    rows = [[f"{n} {row}" for row in range(size)] for n, (size, _) in enumerate(sources)]
    total = sum(share for _, share in sources)
    asked = [share / total for _, share in sources]
    mixture = list(Mixture(rows, asked, seed))  # type: ignore[arg-type]
    counted = Counter(str(row).split()[0] for row in mixture)
    assert set(mixture) == {row for own in rows for row in own}  # type: ignore[comparison-overlap]
    assert mixture == list(Mixture(rows, asked, seed))  # type: ignore[arg-type]
    for number, share in enumerate(asked):
        assert abs(counted[str(number)] - share * len(mixture)) <= 1 + len(asked) / 2
    for number, own in enumerate(rows):
        times = Counter(row for row in mixture if row in own)
        assert max(times.values()) - min(times.values()) <= 1, number


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=6))
def test_a_temperature_stands_between_natural_and_uniform(sizes: list[int]) -> None:
    mixes = ("natural", "temperature", "uniform")
    natural, tempered, uniform = (shares(sizes, power_of(mix, 0.5)) for mix in mixes)
    assert natural == pytest.approx([size / sum(sizes) for size in sizes])
    assert uniform == pytest.approx([1 / len(sizes)] * len(sizes))
    assert max(natural) + 1e-9 >= max(tempered) >= max(uniform) - 1e-9
    assert sum(tempered) == pytest.approx(1)


def test_the_small_backbone_reads_pairs_as_its_tokenizer_does() -> None:
    from importlib.resources import files

    quiet()
    mini = AutoTokenizer.from_pretrained(str(files("xlt_core.mini").joinpath("backbones/subword")))
    made = RowReader(mini, 60)
    one, two = made.coded(["the red house", "la maison rouge"])
    assert list(made.pair(0, one, two, "eng").ids) == mini("the red house", "la maison rouge")["input_ids"]
