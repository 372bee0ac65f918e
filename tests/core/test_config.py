"""Recipe → preset → file → flags: short forms, typos, and a run file that repeats the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xlt_core import plan
from xlt_core.api import request
from xlt_core.config.resolve import RunConfig, resolve
from xlt_core.errors import UsageError
from xlt_core.yaml12 import dump

XLM_R = {"backbone": "xlm-roberta-base", "targets": "amh"}


def config(**asked: Any) -> RunConfig:
    return resolve(request(**asked))


def mistakes(**asked: Any) -> list[str]:
    with pytest.raises(UsageError) as caught:
        config(**asked)
    return [str(problem).partition("\n")[0] for problem in caught.value.problems]


# flags


def test_set_changes_an_option() -> None:
    made = config(method="zero_shot", **XLM_R, set=["training.lr=1e-4", "training.losses.task.reduction=sentence_mean"])
    assert made.filled["training"][0]["lr"] == 1e-4
    assert made.filled["training"][0]["losses"]["task"]["reduction"] == "sentence_mean"


def test_another_part_comes_with_its_own_defaults() -> None:
    made = config(method="unibridge", **XLM_R, set=["embedding.target=random"])
    assert made.filled["embedding"] == {"target": {"text": {"use": "random", "init": "xavier_normal"}}}


def test_the_same_part_keeps_its_options() -> None:
    made = config(method="unibridge", **XLM_R, preset="unibridge-released")
    assert made.filled["vocabulary"]["target"]["text"]["start"] == 3000
    assert made.filled["embedding"]["target"]["text"]["dim"] == 300
    losses = made.filled["adaptation"][0]["target"]["losses"]
    assert losses["mlm"]["weight"] == 1.0 and losses["unibridge.kl"]["kl_form"] == "released"


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("embedding.target.text=unibridge.focus", "embedding=unibridge.focus"),
        ("training.0.lr=0.1", "training.lr=0.1"),
        ("vocabulary.target.text.start=3000", "vocabulary.start=3000"),
        ("adaptation.0.target.losses.unibridge.kl.kl_form=released", "adaptation.losses.unibridge.kl.kl_form=released"),
        ("inference=uniform", "inference=uniform"),
        ("representation.text=words", "representation=words"),
    ],
)
def test_short_forms_mean_the_one_place_that_fits(long: str, short: str) -> None:
    first, second = (config(method="unibridge", **XLM_R, set=[flag]).filled for flag in (long, short))
    assert first == second


def test_a_short_form_that_fits_two_places_is_refused_with_both() -> None:
    (said,) = mistakes(method="unibridge", **XLM_R, set=["adaptation.lr=1e-4"])
    assert said == (
        "--set adaptation.lr=1e-4: `adaptation.lr` fits several places: `adaptation.0.source.lr`, "
        "`adaptation.0.target.lr`"
    )
    (said,) = mistakes(method="zero_shot", **XLM_R, set=["vocabulary=unibridge.alp_search"])
    assert "`vocabulary.source.text`, `vocabulary.target.text`" in said


def test_drop_and_add() -> None:
    made = config(
        method="unibridge",
        **XLM_R,
        drop=["adaptation.losses.unibridge.kl"],
        add=["training.losses.phonexl.align=0.01", "training.losses.other={use: phonexl.align, weight: 2.0}"],
    )
    assert set(made.filled["adaptation"][0]["target"]["losses"]) == {"mlm"}
    losses = made.filled["training"][0]["losses"]
    assert losses["phonexl.align"]["weight"] == 0.01
    assert (losses["other"]["use"], losses["other"]["weight"]) == ("phonexl.align", 2.0)
    assert config(method="unibridge", **XLM_R, drop=["adaptation"]).filled["adaptation"] == []


def test_flags_are_done_in_the_order_in_which_they_are_typed(tmp_path: Path) -> None:
    from xlt_core.config.resolve import Request

    edits = (("add", "training.losses.mlm=0.5"), ("set", "training.losses.mlm.mask.rate=0.3"))
    made = resolve(Request({"method": "zero_shot", **XLM_R}, edits=edits))
    assert made.filled["training"][0]["losses"]["mlm"]["mask"]["rate"] == 0.3


# typos


def test_all_mistakes_come_at_once_with_near_misses() -> None:
    said = mistakes(
        method="zero_shot",
        backbone="xlm-roberta-bse",
        targets="amh,khmr",
        seeds="many",
        set=["training.lrr=3", "trainig.lr=3", "inference=singel", "training.lr=fast"],
        drop=["adaptation.losses.kl"],
    )
    assert said == [
        "--drop adaptation.losses.kl: `adaptation.losses.kl` fits no place",
        "--set training.lrr=3: `training.lrr` fits no place; did you mean `lr`?",
        "--set trainig.lr=3: no slot is called `trainig`; did you mean `training`?",
        "--set training.lr=fast: training `finetune`: `lr`: input should be a valid number, unable to parse string "
        "as a number, not `fast`",
        "--set inference=singel: no inference is called `singel`; did you mean `single`?",
        "--backbone: no backbone is called `xlm-roberta-bse`, and it is no folder with a config.json; did you mean "
        "`xlm-roberta-base`?",
        "--targets: `targets`: no language is called `khmr`; did you mean khm, khr, kmr?",
        "--seeds: `seeds`: `many` is no seeds: write a number of seeds, or a list such as 3,7",
    ]


def test_losses_that_are_no_mapping_are_told() -> None:
    assert (
        "`losses`: input should be a valid dictionary, not `1`"
        in mistakes(method="zero_shot", **XLM_R, set=["training.losses=1"])[0]
    )


def test_mistakes_in_a_file_are_told_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(
        "method: zero_shot\nbackbone: mini\ntragets: [vie]\ntraining:\n  lr: 1e-4\n  temprature: 2\n"
        "  losses: {task: 1.0, mlm: {weight: 1, mask: {rat: 0.1}}}\n"
    )
    assert mistakes(config=file) == [
        f"{file}:6: training `finetune`: there is no option `temprature`; there are losses, lr, lr_of, batch, epochs, "
        "steps, budget, weight_decay, lr_schedule, plateau, warm_up, clip, max_length, recompute, select, held_out, "
        "train, stack, share, head, pool, scheme, side_features, label_on, too_long, task_reduction, models",
        f"{file}:7: loss `mlm`: there is no option `rat`; did you mean `rate`?",
        f"{file}:3: nothing is called `tragets`; did you mean `targets`?",
    ]


def test_unknown_methods_presets_tasks_and_data() -> None:
    assert mistakes(method="unibrige", **XLM_R) == [
        "--method: no method is called `unibrige`; did you mean `unibridge`?"
    ]
    assert "has no preset `neer`; did you mean `ner`?" in mistakes(method="unibridge", **XLM_R, preset="neer")[0]
    assert mistakes(method="zero_shot", **XLM_R, task="nre") == ["--task: no task is called `nre`; did you mean `ner`?"]
    assert "did you mean `wikiann`?" in mistakes(method="zero_shot", **XLM_R, data="wikian")[0]


# languages, seeds, budget


@pytest.mark.parametrize("written", ["amh,khm", "am,km", "amh_Ethi,khm_Khmr", "am-Ethi, km-Khmr", "Amharic,Khmer"])
def test_languages_in_all_their_forms(written: str) -> None:
    assert config(method="zero_shot", backbone="xlm-roberta-base", targets=written).settings.targets == ("amh", "khm")


@pytest.mark.parametrize(
    ("written", "seeds"), [("3", (1, 2, 3)), ("3,7", (3, 7)), (2, (1, 2)), ([5], (5,)), ("5,", (5,))]
)
def test_seeds_as_a_number_or_a_list(written: Any, seeds: tuple[int, ...]) -> None:
    assert config(method="zero_shot", **XLM_R, seeds=written).settings.seeds == seeds


def test_a_budget_has_a_unit() -> None:
    assert config(method="zero_shot", **XLM_R, budget="2M tokens").settings.budget == "2000000tokens"
    assert "write 200steps, 2Mtokens or 10minutes" in mistakes(method="zero_shot", **XLM_R, budget="12")[0]
    assert (
        "write 200steps, 2Mtokens or 10minutes" in mistakes(method="zero_shot", **XLM_R, set=["training.budget=12"])[0]
    )


# the saved file


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "unibridge", **XLM_R},
        {"method": "unibridge", **XLM_R, "preset": "unibridge-released", "drop": ["adaptation.losses.unibridge.kl"]},
        {"method": "translit_ppa", "preset": "retrieval",
         "drop": ["representation.pair", "adaptation.losses.translit_ppa.tlm"]},
        {"method": "phoneme_gap", "preset": "correlation", "seeds": 2},
        {"method": "madx", **XLM_R, "drop": ["evaluation"], "budget": "200steps"},
    ],
)  # fmt: skip
def test_a_run_file_repeats_the_run(tmp_path: Path, asked: dict[str, Any]) -> None:
    file = tmp_path / "run.yaml"
    file.write_text(dump(config(**asked).as_data()), encoding="utf-8")
    first, again = plan(**asked), plan(config=file)
    assert [stage.key for stage in again] == [stage.key for stage in first]
    assert config(config=file).as_data() == config(**asked).as_data()


def test_a_run_file_pins_the_version_of_its_method(tmp_path: Path) -> None:
    assert config(method="unibridge", **XLM_R).as_data()["method"] == "unibridge@1"


def test_flags_go_over_the_file_and_the_file_over_the_preset(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    file.write_text("method: zero_shot\nbackbone: mini\ntargets: [vie]\ntraining: {lr: 1.0e-4, batch: 16}\n")
    made = config(config=file, targets="tur", set=["training.batch=8"])
    training = made.filled["training"][0]
    assert (training["lr"], training["batch"], training["max_length"]) == (1e-4, 8, 64)
    assert made.settings.targets == ("tur",)


def test_a_recipe_of_ones_own_needs_no_package(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "backbones: [xlm-roberta-base]\ntask: ner\ntraining: {use: finetune, lr: 3e-5}\n"
        "presets: {a: {targets: [khm]}}\n"
    )
    made = config(method=str(file))
    assert made.settings.targets == ("khm",) and made.filled["training"][0]["lr"] == 3e-5


# losses


def test_a_loss_is_added_to_those_that_a_schedule_has_by_itself() -> None:
    made = config(
        method="zero_shot",
        **XLM_R,
        set=["adaptation=madx"],
        add=["adaptation.losses.phonexl.mlm=0.1"],
        drop=[],
    )
    assert set(made.filled["adaptation"][0]["losses"]) == {"mlm", "phonexl.mlm"}


@pytest.mark.parametrize("asked", [{}, {"task": "ner"}, {"task": "pos"}, {"task": "topic"}])
def test_a_task_takes_the_preset_that_is_made_for_it(asked: dict[str, str]) -> None:
    made = config(method="unibridge", **XLM_R, **asked)
    assert made.settings.preset == made.settings.task == asked.get("task", "ner")


def test_a_preset_takes_a_loss_away_with_null() -> None:
    made = config(method="unibridge", targets="amh", preset="mgpt")
    assert set(made.filled["adaptation"][0]["source"]["losses"]) == {"causal_lm"}
    assert made.backbone.name == "mGPT"


def test_a_whole_schedule_in_one_flag() -> None:
    flag = "training={use: target_only, losses: {task: {weight: 2.0}, other: {use: mlm, weight: 1}}}"
    losses = config(method="zero_shot", **XLM_R, set=[flag]).filled["training"][0]["losses"]
    assert {name: (loss["use"], loss["weight"]) for name, loss in losses.items()} == {
        "task": ("task", 2.0),
        "other": ("mlm", 1.0),
    }
