"""Synthetic cognates, means of three seeds; `benchmarks/phonexl_cognates.py` makes the whole table."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from statistics import mean

import pytest
from xlt_phonexl.minimising import BEGIN

from plugins.phonexl.tests.cognates import TARGET, VARIANTS, Trained, World


@pytest.mark.slow
def test_phonemes_carry_over_and_alignment_lets_spelling_find_them(tmp_path: Path) -> None:
    scores: dict[str, list[float]] = defaultdict(list)
    found: dict[str, list[float]] = defaultdict(list)
    for seed in (1, 2, 3):
        world = World.made(tmp_path / str(seed), seed)
        for name in ("spelling alone", "phonemes", "phonemes, alignment"):
            made = world.run(name, **VARIANTS[name])
            scores[name].append(made.score(TARGET))
            if name != "spelling alone":
                trained = Trained.by(made)
                found[name].append(trained.found())
        assert trained.temperature is not None and trained.temperature > BEGIN
        scores["permuted"].append(world.run("permuted", **VARIANTS["phonemes"], permuted=True).score(TARGET))
    assert mean(scores["spelling alone"]) <= 35 and mean(scores["permuted"]) <= 35, scores
    assert mean(scores["phonemes"]) >= 80 and mean(scores["phonemes, alignment"]) >= 80, scores
    assert mean(found["phonemes, alignment"]) >= 0.95 and mean(found["phonemes"]) <= 0.45, found
