"""Every paper unrolls into the graph that its spec describes, on a core that names none of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

import xlt_core
from xlt_core import plan
from xlt_core.graph.stages import Plan, Stage

Files = Callable[..., dict[str, str]]
PAPERS = ("unibridge", "phonexl", "mtlws", "translit_ppa", "phoneme_gap")


def ids(stages: list[Stage]) -> list[str]:
    return [stage.id for stage in stages]


def reaches(made: Plan, early: str, late: str) -> bool:
    return early in ids(made.before(made[late]))


@pytest.fixture
def unibridge() -> Plan:
    return plan(method="unibridge", backbone="xlm-roberta-base", targets="amh,khm")


def test_no_file_of_the_core_names_a_paper() -> None:
    folder = Path(xlt_core.__file__).parent
    files = [*folder.rglob("*.py"), *folder.rglob("*.yaml")]
    assert len(files) > 50
    assert [str(f) for f in files if re.search("|".join(PAPERS), f.read_text(encoding="utf-8"), re.I)] == []


def test_unibridge_has_two_targets_and_five_sources(unibridge: Plan) -> None:
    adapted = ["adapt(eng)", "adapt(zho)", "adapt(rus)", "adapt(ara)", "adapt(jpn)", "adapt(amh)", "adapt(khm)"]
    assert ids(unibridge.of("adapt")) == adapted
    assert ids(unibridge.of("tokenizer")) == ["tokenizer(amh)", "tokenizer(khm)"]
    assert ids(unibridge.of("embedding")) == ["embedding(amh)", "embedding(khm)"]
    assert len(unibridge.of("train")) == 5
    assert ids(unibridge.of("weights")) == ["weights(amh)", "weights(khm)"]
    assert ids(unibridge.of("predict")) == ["predict(amh, ner)", "predict(khm, ner)"]


def test_unibridge_chains_tokenizer_embedding_adapter_harmony_prediction(unibridge: Plan) -> None:
    chain = ["tokenizer(amh)", "embedding(amh)", "adapt(amh)", "weights(amh)", "predict(amh, ner)"]
    for early, late in pairwise(chain):
        assert reaches(unibridge, early, late)
    assert not reaches(unibridge, "adapt(khm)", "predict(amh, ner)")
    assert not reaches(unibridge, "tokenizer(amh)", "train(eng, ner)")


def test_unibridge_sources_are_the_same_stages_whatever_the_targets(unibridge: Plan) -> None:
    other = plan(method="unibridge", backbone="xlm-roberta-base", targets="sin")
    for name in ("adapt(eng)", "train(eng, ner)", "train(jpn, ner)"):
        assert other[name].key == unibridge[name].key


def test_the_headline_command_needs_no_other_flag_and_says_what_it_assumed(unibridge: Plan) -> None:
    told = " ".join(unibridge.assumed)
    for assumed in ("preset ner", "task ner", "sources eng,zho,rus,ara,jpn", "wikiann", "wikipedia", "tatoeba"):
        assert assumed in told
    assert sum(download.megabytes for download in unibridge.downloads) > 1000


def test_phonexl_trains_once_on_two_channels(files: Files) -> None:
    made = plan(method="phonexl", seeds=1, resources=files("dictionary:zho-vie"))
    train = made["train(zho, ner)"]
    assert set(train.options["losses"]) == {"task", "phonexl.align", "phonexl.mlm", "phonexl.xmlm"}
    assert reaches(made, "tokenizer(shared, text+phonemes)", "embedding(shared, phonemes)")
    assert reaches(made, "embedding(shared, phonemes)", train.id)


@pytest.mark.parametrize(
    ("preset", "sources", "targets", "mask"),
    [
        ("ner-zho-vie", "zho", "vie", 0.2),
        ("ner-jpn-kor", "jpn", "kor", 0.25),
        ("pos-zho-vie", "zho", "vie", 0.1),
        ("pos-jpn-kor", "jpn", "kor", 0.05),
    ],
)
def test_phonexl_presets_are_the_papers_table(
    files: Files, preset: str, sources: str, targets: str, mask: float
) -> None:
    made = plan(method="phonexl", preset=preset, seeds=1, resources=files(f"dictionary:{sources}-{targets}"))
    (train,) = made.of("train")
    assert train.languages == (sources,)
    assert train.options["losses"]["phonexl.mlm"]["mask"]["rate"] == mask
    assert train.options["losses"]["phonexl.xmlm"]["mask"]["rate"] == mask


def test_translit_ppa_posttrains_a_group_then_fine_tunes_for_each_source() -> None:
    made = plan(method="translit_ppa", seeds=1)
    (post,) = made.of("adapt")
    assert len(post.languages) == 9
    assert ids(made.of("train")) == ["train(eng, ner)", "train(ara, ner)", "train(ell, ner)", "train(heb, ner)"]
    assert all(reaches(made, post.id, stage.id) for stage in made.of("train"))
    assert len(made.of("predict")) == 4 * 8
    assert len(post.views) == 3, "text, latin and their pair; the contrast reads what the two mlm already mask"


def test_translit_ppa_retrieves_without_training() -> None:
    made = plan(method="translit_ppa", preset="retrieval", seeds=1)
    assert made.of("train") == [] and made.of("predict") == []
    (post,) = made.of("adapt")
    scores = made.of("score:retrieval")
    assert len(scores) == 7
    assert all(reaches(made, post.id, stage.id) for stage in scores)


def test_mtlws_translates_aligns_projects_warms_up_and_adapts(files: Files) -> None:
    pairs = ["eng-spa", "eng-deu", "eng-nld"]
    made = plan(method="mtlws", resources=files(*(f"translation:{pair}" for pair in pairs)))
    for pair in pairs:
        chain = [f"translate({pair})", f"align({pair})", f"project({pair})", "train(spa, deu, nld, ner)"]
        for early, late in pairwise(chain):
            assert reaches(made, early, late)
    assert made["train(spa, deu, nld, ner)"].part == "mtlws.warm_start"
    assert reaches(made, "train(spa, deu, nld, ner)", "train2(eng, ner)")
    assert all(reaches(made, "train2(eng, ner)", stage.id) for stage in made.of("predict"))


def test_phoneme_gap_trains_and_scores_each_language_and_compares_runs() -> None:
    made = plan(method="phoneme_gap", preset="correlation", seeds=3)
    assert len(made.of("train")) == 3 * 3
    for seed in (1, 2, 3):
        assert made[f"train(swa, nli)#{seed}"].id in made[f"predict(swa, nli)#{seed}"].after
    (table,) = made.of("score:phoneme_gap.correlation")
    assert len([name for name in table.after if name.startswith("score:accuracy")]) == 9
    assert len([name for name in table.after if name.startswith("score:phoneme_gap.cka")]) == 3


def test_zero_shot_and_madx() -> None:
    zero_shot = plan(method="zero_shot", backbone="xlm-roberta-base", targets="amh")
    assert zero_shot["train(eng, ner)"].trains == ("parts body/finetuned@shared", "parts head:ner@task")
    madx = plan(method="madx", backbone="xlm-roberta-base", targets="amh", sources="eng,zho")
    assert len(madx.of("adapt")) == 3 and len(madx.of("train")) == 1
    assert "adapt(amh)" in madx["predict(amh, ner)"].after
    assert {"adapt(eng)", "adapt(zho)"} <= set(madx["train(eng, zho, ner)"].after)


def mixture(files: Files, *more: str) -> Plan:
    """All five papers in one run, by flags alone."""
    return plan(
        method="unibridge",
        backbone="xlm-roberta-base",
        sources="eng",
        targets="amh,tha",
        protocol="translate_train",
        resources=files("translation:eng-amh", "translation:eng-tha"),
        set=[
            "representation=phonexl.phonemic",
            "representation.latin=subword",
            "rewriting.phonemes=epitran",
            "rewriting.latin=translit_ppa.uroman",
            "vocabulary.source.phonemes=phonexl.extend_ipa",
            "vocabulary.target.phonemes=phonexl.extend_ipa",
            "embedding.source.phonemes={use: random, init: xavier_uniform}",
            "embedding.target.phonemes={use: random, init: xavier_uniform}",
            "adaptation={use: translit_ppa.posttrain, losses: {phonexl.mlm: 0.1, translit_ppa.seq: 1.0}}",
            "training=mtlws.warm_start",
            "translation=file",
            "alignment=mtlws.diagonal_ibm2",
            "projection=mtlws.span_to_span",
            "inference=single",
            *more,
        ],
        add=["training=finetune", "evaluation=phoneme_gap.rpd", "evaluation=phoneme_gap.cka"],
    )


def test_one_run_mixes_all_five_papers(files: Files) -> None:
    made = mixture(files)
    parts = {stage.part for stage in made}
    assert {"unibridge.alp_search", "unibridge.aligned", "phonexl.extend_ipa", "mtlws.warm_start"} <= parts
    assert {"translit_ppa.posttrain", "mtlws.span_to_span", "phoneme_gap.rpd", "phoneme_gap.cka"} <= parts
    post = made["adapt(eng, amh, tha)"]
    assert set(post.options["losses"]) == {"phonexl.mlm", "translit_ppa.seq"}
    chain = ["tokenizer(amh)", "embedding(amh)", post.id, "train(amh, tha, ner)", "train2(eng, ner)"]
    for early, late in zip([*chain], [*chain[1:], "predict(tha, ner)"], strict=True):
        assert reaches(made, early, late)


def test_the_mixture_gives_phonemes_a_tokenizer_of_their_own(files: Files) -> None:
    """The spelling's tokenizer is replaced, so the phonemes can't share it (phonexl spec, `shared|own`)."""
    assert ids(mixture(files).of("tokenizer")) == ["tokenizer(shared, phonemes)", "tokenizer(amh)", "tokenizer(tha)"]


@pytest.mark.parametrize("method", ["unibridge", "madx", "zero_shot"])
def test_a_plan_is_the_same_each_time(method: str) -> None:
    first, second = (plan(method=method, backbone=None, targets="tur,hun", sources="eng,rus") for _ in range(2))
    assert [stage.key for stage in first] == [stage.key for stage in second]


def test_stages_stand_after_what_they_need(files: Files) -> None:
    for made in (mixture(files), plan(method="translit_ppa", seeds=2)):
        seen: set[str] = set()
        for stage in made:
            assert set(stage.after) <= seen
            seen.add(stage.id)
        assert len(seen) == len(made.stages), "no two stages have one id"
