"""What the divergence does to a training: the adapted model stays near the frozen one."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from xlt_unibridge.divergence import divergence

from plugins.unibridge.tests.made import Made
from xlt_core.engine.states import read_states
from xlt_core.mini.meaning import meanings
from xlt_core.mini.world import say

KL = "adaptation.target.losses.unibridge.kl"
SMALL = ["vocabulary.target=fixed_size", "vocabulary.target.text.size=300", "vocabulary.target.text.words=8",
         "embedding.target=copy_overlap", "adaptation.epochs=6", "inference.pairs=200"]  # fmt: skip


def distance(folder: Path, *edits: str) -> float:
    """The mean divergence, after training, of the states of what was trained on and of the frozen model's."""
    said = [(say(meaning, "tur").text, say(meaning, "eng").text) for meaning in islice(meanings("text"), 200)]
    folder.mkdir()
    (folder / "text").write_text("".join(f"{ours}\n" for ours, _ in said), encoding="utf-8")
    (folder / "pairs").write_text("".join(f"{ours}\t{english}\n" for ours, english in said), encoding="utf-8")
    resources = {"text:tur": str(folder / "text"), "parallel:tur-eng": str(folder / "pairs")}
    made = Made.of(folder / "made", targets="tur", resources=resources, set=[*SMALL, *edits])
    ours = read_states(made.stage("encode(tur, adapted, parallel:tur-eng, first 200)")).states
    theirs = read_states(made.stage("encode(tur, frozen, text:tur)")).states
    assert len(ours) == len(theirs) == len(said)
    return float(divergence(ours, theirs).mean())


def test_the_papers_form_ends_nearer_to_the_frozen_model_than_none_and_than_the_released_one(tmp_path: Path) -> None:
    paper = distance(tmp_path / "paper")
    none = distance(tmp_path / "none", f"{KL}.weight=0")
    released = distance(tmp_path / "released", f"{KL}.kl_form=released")
    assert paper < 0.8 * min(none, released)
