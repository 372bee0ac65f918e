"""Measures over pieces of words and over types, against seqeval, scikit-learn and counting by hand."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from xlt_core import run
from xlt_core.data.encode import Piece
from xlt_core.data.records import EXAMPLES, read_tagged
from xlt_core.engine.pieces import PIECES, Units, beside_each_other, read_pieces, units_of, write_pieces
from xlt_core.engine.predict import PREDICTED
from xlt_core.engine.score import measure, sentence_counts
from xlt_core.engine.score_pieces import in_pieces, measure_subtokens, measure_units, own_tags
from xlt_core.graph.parts import Answering
from xlt_core.running.lent import Lent
from xlt_core.running.workshop import folders_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from seqeval.metrics import f1_score as seqeval_f1
    from sklearn.metrics import f1_score as sklearn_f1

TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


def rows(tags: Sequence[str]) -> st.SearchStrategy[list[tuple[list[str], list[str]]]]:
    pair = st.tuples(st.sampled_from(tags), st.sampled_from(tags))
    row = st.lists(pair, min_size=1, max_size=8).map(lambda own: tuple(map(list, zip(*own, strict=True))))
    return st.lists(row, min_size=1, max_size=6)  # type: ignore[arg-type]


@given(rows(TAGS))
def test_the_mean_over_types_is_seqevals(found: list[tuple[list[str], list[str]]]) -> None:
    gold, predicted = zip(*found, strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = 100 * seqeval_f1(list(gold), list(predicted), average="macro", zero_division=0)
    value = measure("entity_f1_macro", gold, predicted)["entity_f1_macro"]
    assert value == pytest.approx(float(expected) if expected == expected else 0.0)
    assert float(sentence_counts("entity_f1_macro", gold, predicted).value()) == pytest.approx(value)


def test_the_numbers_that_were_worked_out_by_hand() -> None:
    gold = [["B-PER", "I-PER", "O", "B-LOC", "O", "B-ORG", "I-ORG"]]
    predicted = [["B-PER", "I-PER", "O", "B-ORG", "O", "B-ORG", "O"]]
    assert measure("span_f1", gold, predicted)["span_f1"] == pytest.approx(33.33, abs=0.01)
    assert measure("entity_f1_macro", gold, predicted)["entity_f1_macro"] == pytest.approx(100 / 3)
    assert measure_units(gold, predicted)["unit_macro_f1"] == pytest.approx(57.78, abs=0.01)

    # words of 4, 2 and 8 units, one unit between two words and a special one at each end
    units = Units((-1, *[0] * 4, -1, *[1] * 2, -1, *[2] * 8, -1), ("O",) * 18)
    truth, said = (in_pieces(tags, units, True) for tags in (["B-PER", "O", "O"], ["B-PER", "B-LOC", "O"]))
    assert len(truth) == 18 and measure_units([truth], [said])["unit_macro_f1"] == pytest.approx(58.46, abs=0.01)
    assert measure("accuracy", [truth], [said])["accuracy"] == pytest.approx(88.89, abs=0.01)


@given(rows(TAGS), st.data())
def test_what_counts_in_pieces_is_what_seqeval_and_scikit_learn_count_there(
    found: list[tuple[list[str], list[str]]], data: st.DataObject
) -> None:
    """Pieces are spelt out here by hand, word by word."""
    units, truth, said = [], [], []
    for gold, _ in found:
        sizes = data.draw(st.lists(st.integers(1, 3), min_size=len(gold), max_size=len(gold)))
        own = data.draw(st.lists(st.sampled_from(TAGS), min_size=sum(sizes) + 2, max_size=sum(sizes) + 2))
        of = [word for word, size in enumerate(sizes) for _ in range(size)]
        units.append(Units((-1, *of, -1), tuple(own)))
        spelt = []
        for tag, size in zip(gold, sizes, strict=True):
            spelt += [tag, *["I" + tag[1:] if tag != "O" else "O"] * (size - 1)]
        truth.append(spelt)
        said.append(own[1:-1])
    mine = [in_pieces(gold, own, False) for (gold, _), own in zip(found, units, strict=True)]
    assert [list(own) for own in mine] == truth
    answers = [own_tags(own, len(gold), False) for (gold, _), own in zip(found, units, strict=True)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = 100 * seqeval_f1(truth, said, zero_division=0)
    assert measure_subtokens(mine, answers)["subtoken_f1"] == pytest.approx(float(expected))

    whole = [["O", *own, "O"] for own in truth]
    mine = [in_pieces(gold, own, True) for (gold, _), own in zip(found, units, strict=True)]
    assert [list(own) for own in mine] == whole
    flat = [list(chain.from_iterable(side)) for side in (whole, [own.tags for own in units])]
    value = measure_units(mine, [own_tags(own, 0, True) for own in units])["unit_macro_f1"]
    assert value == pytest.approx(100 * float(sklearn_f1(*flat, average="macro", zero_division=0)))


def test_words_that_were_not_read_are_one_piece_and_never_found() -> None:
    units = Units((-1, 0, 0, -1), ("O", "B-PER", "I-PER", "O"))
    assert in_pieces(["B-PER", "B-LOC", "O"], units, False) == ("B-PER", "I-PER", "B-LOC", "O")
    assert own_tags(units, 3, False) == ("B-PER", "I-PER", "O", "O")
    assert in_pieces(["B-PER"], Units((), ()), False) == ("B-PER",) and own_tags(Units((), ()), 1, False) == ("O",)


def one_hot(*numbers: int) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.tensor(numbers), 4).float()


def test_units_are_put_in_order_and_the_extra_class_goes_on_its_word(tmp_path: Path) -> None:
    """A sentence in two stretches, the later one read first; class 3 is that of pieces that go on a word."""
    later = Piece(0, (7, 8, 9), (2, -1, -1), slice(0, 2))
    first = Piece(0, (1, 2, 3, 4), (-1, 0, -1, 1), slice(1, 4))
    other = Piece(1, (5,), (0,), slice(0, 1))
    read = [(later, one_hot(1, 3, 3)), (other, one_hot(0)), (first, one_hot(2, 1, 3, 0))]
    found = units_of(read, 2, ("O", "B-PER", "I-PER"))
    assert found[0] == Units((-1, 0, 0, 1, 2, 2, -1), ("I-PER", "B-PER", "I-PER", "O", "B-PER", "I-PER", "O"))
    assert found[1] == Units((0,), ("O",))
    write_pieces(tmp_path / "p", found)
    assert read_pieces(tmp_path / "p") == found
    assert beside_each_other([read, read[::-1]]) is None, "other models may read other pieces"
    both = beside_each_other([read, read])
    assert both is not None and all(torch.equal(both[0][1][:, model], read[0][1]) for model in (0, 1))


def test_a_run_measures_pieces_by_what_the_model_said_at_each() -> None:
    adds = ["evaluation=subtoken_f1", "evaluation=unit_macro_f1", "evaluation=entity_f1_macro"]
    made = run(method="zero_shot", backbone="mini", targets="swh", add=adds, set=["training.epochs=2"], out="a")
    lent = Lent.open(Path(made.path), None)
    (predict,) = lent.plan.of("predict")
    folders = folders_of(lent.plan, lent.store)
    gold = read_tagged(folders[Answering.of(lent.plan, predict).labels.id] / EXAMPLES)
    predicted = read_tagged(folders[predict.id] / PREDICTED)
    units = read_pieces(folders[predict.id] / PIECES)
    for row, own in zip(predicted, units, strict=True):
        assert sorted({*own.of} - {-1}) == list(range(len(row.words))), "every word was read"
        assert tuple(own.tags[own.of.index(word)] for word in range(len(row.words))) == row.tags
    assert max(len(own.of) - len(row.words) for row, own in zip(predicted, units, strict=True)) > 2
    truth = [in_pieces(row.tags, own, False) for row, own in zip(gold, units, strict=True)]
    said = [own_tags(own, len(row.words), False) for row, own in zip(gold, units, strict=True)]
    expected = 100 * float(seqeval_f1([list(own) for own in truth], [list(own) for own in said]))
    assert made.score("swh", "subtoken_f1") == pytest.approx(expected) != made.score("swh", "span_f1")
    assert 0 < made.score("swh", "unit_macro_f1") < 100 and made.score("swh", "entity_f1_macro") > 0
