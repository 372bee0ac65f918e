"""A few labelled sentences of each target: drawn by the seed, and learned from."""

from __future__ import annotations

from xlt_core import plan
from xlt_core.data.records import Tagged
from xlt_core.engine.train import _shots


def test_a_few_shots_are_so_many_sentences_of_a_language_the_same_for_one_seed() -> None:
    rows = [Tagged(f"{code}{n}", code, ("a",), ("O",)) for code in ("eng", "vie") for n in range(20)]
    drawn = [_shots(rows, {"vie": 5}, seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert [row.language for row in drawn[0]] == ["eng"] * 20 + ["vie"] * 5
    assert _shots(rows, {"vie": 50}, 1) == rows and _shots(rows, {}, 1) == rows


def test_the_shots_are_part_of_what_makes_a_training() -> None:
    asked = {"method": "zero_shot", "backbone": "mini", "targets": "vie", "protocol": "few_shot"}
    made = [
        plan(**asked, shots=shots, add=["training=target_only"], set=["inference=own"]).of("train2")[0]
        for shots in (5, 10)
    ]
    assert [stage.options["shots"] for stage in made] == [{"vie": 5}, {"vie": 10}]
    assert made[0].key != made[1].key
