"""What makes no sense is refused before anything is read, with its reason and what to type instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from xlt_core import plan
from xlt_core.errors import RefusedError, UsageError

Files = Callable[..., dict[str, str]]
XLM_R = {"backbone": "xlm-roberta-base", "targets": "amh"}


def refused(**asked: Any) -> list[str]:
    """The reasons, one a problem, with what to try."""
    with pytest.raises(RefusedError) as caught:
        plan(**asked)
    return [str(problem) for problem in caught.value.problems]


def test_sub_word_mlm_over_a_word_level_view(files: Files) -> None:
    (reason,) = refused(method="phonexl", add=["training.losses.mlm=0.1"], resources=files("dictionary:zho-vie"))
    assert reason == (
        "loss `mlm` reads sub-words, but `phonexl.phonemic` makes view `text` of words\n"
        "     Try: --set representation.text=subword, or --drop training.losses.mlm"
    )


def test_harmony_over_one_part() -> None:
    (reason,) = refused(method="unibridge", **XLM_R, set=["training.models=one"])
    assert "`unibridge.harmony`: it needs several task models to choose or mix, and training gives 1" in reason


def test_contrast_without_a_latin_view() -> None:
    (reason,) = refused(method="zero_shot", **XLM_R, add=["training.losses.translit_ppa.seq=1"])
    assert "loss `translit_ppa.seq` reads view `latin`, and nothing chosen makes it" in reason
    assert "--set representation.latin=subword --set rewriting.latin=NAME" in reason
    assert "translit_ppa.uroman" in reason


def test_tlm_with_a_tokenizer_that_cannot_read_both_scripts() -> None:
    new_pieces = ["vocabulary.target=unibridge.alp_search", "embedding.target=unibridge.aligned"]
    asked = {"method": "translit_ppa", "sources": "eng", "targets": "amh,tur", "adapt": "eng,amh,tur", "seeds": 1}
    (reason,) = refused(**asked, set=new_pieces)
    assert "view `pair` joins text and latin in one sequence, and no one tokenizer reads both for amh, tur" in reason
    assert "--set vocabulary.target.views=[text,latin]" in reason
    assert plan(**asked, set=[*new_pieces, "vocabulary.target.views=[text,latin]"]).of("tokenizer")


def test_a_character_backbone_with_a_vocabulary_search() -> None:
    reasons = refused(
        method="zero_shot",
        backbone="canine-c",
        targets="amh",
        set=["representation=character", "vocabulary.target=unibridge.alp_search", "embedding.target=random"],
    )
    assert reasons[0].startswith(
        "vocabulary `unibridge.alp_search` needs a backbone with a vocabulary of its own, and canine-c has none"
    )


def test_adapters_built_on_a_body_that_post_training_replaces() -> None:
    asked = {"method": "unibridge", **XLM_R, "sources": "eng,zho"}
    (reason,) = refused(**asked, add=["adaptation=translit_ppa.posttrain"])
    assert reason.startswith(
        "adaptation `translit_ppa.posttrain` replaces `body` by `body/posttrained`, and adapter, invertible, "
        "mlm_head of eng, zho, amh were built on `body`"
    )


def test_post_training_before_the_adapters_is_fine() -> None:
    adapters = "adaptation={use: unibridge.language_adapters, losses: {mlm: 1.0}}"
    made = plan(
        method="unibridge",
        **XLM_R,
        sources="eng,zho",
        set=["adaptation=translit_ppa.posttrain"],
        add=[adapters],
    )
    assert "adapt(eng, zho, amh)" in made["adapt2(amh)"].after


def test_a_loss_whose_stream_no_schedule_feeds() -> None:
    reasons = refused(method="madx", **XLM_R, add=["adaptation.target.losses.task=1"])
    assert any("stands on labelled examples, and adaptation `madx` feeds only unlabelled ones" in r for r in reasons)


def test_a_layer_that_the_backbone_does_not_have() -> None:
    latin = ["representation.latin=subword", "rewriting.latin=translit_ppa.uroman"]
    asked = {"method": "zero_shot", "backbone": "mini", "add": ["training.losses.translit_ppa.seq=1"], "set": latin}
    (reason,) = refused(**asked)
    assert "loss `translit_ppa.seq` reads layer 8, and mini has" in reason


def test_phonemes_for_a_model_of_sub_words() -> None:
    (reason,) = refused(method="phoneme_gap", backbone="xlm-roberta-base")
    assert "reads phonemes, and xlm-roberta-base was trained on subwords" in reason
    assert reason.endswith("Try: --backbone xphonebert-base")


def test_new_pieces_without_vectors() -> None:
    (reason,) = refused(method="zero_shot", **XLM_R, set=["vocabulary.target=unibridge.alp_search"])
    assert "gives amh new pieces, and nothing says where they start" in reason


def test_target_labels_in_zero_shot() -> None:
    (reason,) = refused(method="zero_shot", **XLM_R, set=["training=target_only", "inference=own"])
    assert "needs train labels of amh, and `zero_shot` keeps a target's labels for its test" in reason


def test_projected_labels_need_a_protocol_that_says_so(files: Files) -> None:
    flags = ["translation=file", "alignment=identity", "projection=mtlws.span_to_span", "training=target_only"]
    asked = {
        "method": "zero_shot",
        **XLM_R,
        "set": [*flags, "inference=own"],
        "resources": files("translation:eng-amh"),
    }
    (reason,) = refused(**asked)
    assert reason.endswith("Try: --protocol translate_train")
    assert plan(**asked, protocol="translate_train").of("project")


def test_a_language_that_nobody_can_transcribe() -> None:
    (reason,) = refused(method="phoneme_gap", sources="bod,amh", targets="bod,amh")
    assert reason.startswith("rewriting `epitran`: it can't transcribe bod")


def test_a_measure_that_does_not_fit_the_task() -> None:
    (reason,) = refused(method="zero_shot", **XLM_R, task="topic", set=["evaluation=span_f1"])
    assert "it measures span labels, and the task is topic" in reason


def test_several_models_and_nobody_says_which_answers() -> None:
    (reason,) = refused(method="zero_shot", **XLM_R, sources="eng,zho", set=["training.models=one_per_source"])
    assert "training gives 2 task models (eng, zho) and nothing says which answers" in reason


def test_fine_tuning_the_body_under_language_adapters() -> None:
    (reason,) = refused(method="madx", **XLM_R, set=["training.train=all"])
    assert "`finetune` replaces `body` by `body/finetuned`" in reason
    assert reason.endswith("Try: --set training.train=task_adapter")


def test_an_evaluator_that_reads_what_no_other_measures() -> None:
    asked = {"method": "phoneme_gap", "sources": "eng,fra", "targets": "eng,fra"}
    (reason,) = refused(**asked, add=["evaluation=phoneme_gap.correlation"])
    assert "`phoneme_gap.correlation` needs scores phoneme_gap.sinkhorn:ner:all, and no part chosen gives it" in reason


def test_two_adaptations_that_make_the_same_parts() -> None:
    (reason,) = refused(method="madx", **XLM_R, sources="eng", add=["adaptation=unibridge.language_adapters"])
    assert reason.startswith(
        "both madx and unibridge.language_adapters give parts adapter@language:eng, parts invertible@language:eng, "
    )


def test_a_representation_that_none_of_the_methods_backbones_reads() -> None:
    with pytest.raises(UsageError) as caught:
        plan(method="unibridge", targets="amh", set=["representation=character"])
    (problem,) = caught.value.problems
    assert problem.what.startswith("no backbone is given, and none of the method's own reads characters (xlm-roberta")
    assert problem.fix == "--backbone canine-c"


def test_a_view_cannot_join_itself() -> None:
    (reason,) = refused(method="zero_shot", **XLM_R, set=["representation=translit_ppa.pairs"])
    assert "makes view `text` by joining it with others: it would read itself" in reason


def test_a_phase_without_a_loss() -> None:
    (reason,) = refused(method="madx", **XLM_R, drop=["adaptation.source.losses.mlm"])
    assert "adaptation `madx` has no loss to minimise" in reason


def test_a_language_without_data_and_a_missing_dictionary() -> None:
    (reason,) = refused(method="zero_shot", backbone="xlm-roberta-base", targets="lhu,kat")
    assert "needs test labels of lhu (Lahu) for ner, and wikiann has none" in reason
    (reason,) = refused(method="phonexl")
    assert reason == (
        "loss `phonexl.xmlm` needs resource dictionary:zho-vie, and no data set known here has it\n"
        "     Try: --resource dictionary:zho-vie=FILE"
    )


def test_a_channel_that_nothing_writes() -> None:
    (reason,) = refused(
        method="zero_shot", **XLM_R, set=["representation.latin=subword", "training.losses.task.view=latin"]
    )
    assert "reads channel `latin`, and nothing chosen rewrites text into it" in reason


def test_a_word_level_loss_over_sub_words_is_told_what_makes_words() -> None:
    reasons = refused(method="unibridge", **XLM_R, add=["training.losses.phonexl.align=0.01"])
    assert reasons[0] == (
        "loss `phonexl.align` reads words, but `subword` makes view `text` of sub-words\n"
        "     Try: --set representation.text=NAME (one of words, phonexl.phonemic), or --drop "
        "training.losses.phonexl.align"
    )
    assert "reads stream `phonemes` of view `text`, which sums text" in reasons[1]


def test_a_warm_start_has_rounds_and_no_budget() -> None:
    (reason,) = refused(method="mtlws", backbone="mini", set=["training.mtlws.warm_start.budget=200steps"])
    assert "rounds and inner steps, not by a budget" in reason and "--set training.mtlws.warm_start.rounds=" in reason


def test_all_problems_come_at_once() -> None:
    reasons = refused(
        method="unibridge",
        **XLM_R,
        set=["training.models=one"],
        add=["training.losses.translit_ppa.seq=1", "adaptation.target.losses.task=1"],
    )
    assert len(reasons) >= 3


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"protocol": "few_shot"}, "--shots 10"),
        ({"shots": 5}, "--protocol few_shot"),
        ({"protocol": "few_shot", "shots": 5}, "--add training=target_only --set inference=own"),
    ],
)
def test_shots_that_nothing_would_read_are_refused(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(RefusedError) as refused:
        plan(method="zero_shot", backbone="mini", targets="vie", **asked)
    assert said in refused.value.text()
