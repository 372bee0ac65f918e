"""Rows that languages share are trained where one of them is read through them, and given by no other stage."""

from __future__ import annotations

from typing import Any

from xlt_core import plan
from xlt_core.graph.stages import Plan

ASKED: dict[str, Any] = {"backbone": "mini", "task": "ner", "sources": "eng", "targets": "swh", "seeds": 1}
TARGETS_ALONE = ["vocabulary.target.text=phonexl.extend_ipa", "embedding.target.text=random"]


def rows(made: Plan, verb: str, of: str) -> list[str]:
    """The trained rows among what the stage of a verb needs or gives."""
    (stage,) = made.of(verb)
    return [fact for fact in getattr(stage, of) if fact.startswith("parts embedding:")]


def test_a_training_that_does_not_read_through_them_leaves_them_as_they_were() -> None:
    """The warm start reads the target, the fine-tuning after it the source, whose pieces are the backbone's."""
    made = plan(method="mtlws", **ASKED, set=TARGETS_ALONE)
    assert rows(made, "train", "gives") == ["parts embedding:text/warm@shared"]
    assert rows(made, "train2", "gives") == []
    assert rows(made, "predict", "needs") == ["parts embedding:text/warm@shared"]


def test_rows_that_nobody_trained_are_read_as_they_were_begun() -> None:
    made = plan(method="zero_shot", **ASKED, set=TARGETS_ALONE)
    assert rows(made, "train", "gives") == []
    (predict,) = made.of("predict")
    assert "artefact embedding:shared:text" in predict.needs


def test_rows_that_an_adaptation_trained_are_read_as_it_left_them() -> None:
    made = plan(method="zero_shot", **ASKED, set=TARGETS_ALONE, add=["adaptation=pretrain"])
    (adapted,) = rows(made, "adapt", "gives")
    assert rows(made, "train", "gives") == [] and rows(made, "predict", "needs") == [adapted]


def test_a_languages_own_rows_are_read_beside_those_that_the_others_share() -> None:
    """Sources read spelling and phonemes by one tokenizer, the target its spelling by its own."""
    edits = [
        "vocabulary.target.text={use: fixed_size, size: 700, words: 8}", "embedding.target.text=copy_overlap",
        "vocabulary.source.phonemes.tokenizer_for=shared",
    ]  # fmt: skip
    made = plan(method="phonexl", backbone="mini", set=edits)
    (predict,) = made.of("predict")
    assert {"artefact tokenizer:vie:text", "artefact embedding:vie:text"} <= set(predict.needs)


def test_rows_of_all_languages_are_trained_with_the_source() -> None:
    made = plan(method="phonexl", **ASKED)
    given = ["parts embedding:text/finetuned@shared", "parts embedding:phonemes/finetuned@shared"]
    assert sorted(rows(made, "train", "gives")) == sorted(given)
