"""The walk-through: what each paper demands of the contract, a line a test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from xlt_core import plan
from xlt_core.graph.stages import Plan

Files = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def unibridge() -> Plan:
    return plan(method="unibridge", backbone="xlm-roberta-base", targets="amh,khm")


@pytest.fixture
def phonexl(files: Files) -> Plan:
    return plan(method="phonexl", seeds=1, resources=files("dictionary:zho-vie"))


@pytest.fixture(scope="module")
def ppa() -> Plan:
    return plan(method="translit_ppa", seeds=1)


@pytest.fixture
def mtlws(files: Files) -> Plan:
    return plan(method="mtlws", targets="spa", resources=files("translation:eng-spa"))


# unibridge


def test_options_by_role(unibridge: Plan) -> None:
    source, target = unibridge["adapt(eng)"], unibridge["adapt(amh)"]
    assert (source.options["lr"], target.options["lr"]) == (1e-3, 5e-4)
    assert (set(source.options["losses"]), set(target.options["losses"])) == ({"mlm"}, {"mlm", "unibridge.kl"})


def test_text_is_re_cut_to_128_words(unibridge: Plan) -> None:
    assert unibridge["samples(amh, 128 words, at most 10000)"].options == {"words": 128, "most": 10000}
    assert "samples(amh, 128 words, at most 10000)" in unibridge["tokenizer(amh)"].after
    assert "text(amh)" not in unibridge["tokenizer(amh)"].after


def test_teacher_states_are_stored_and_made_by_the_model_as_it_came(unibridge: Plan) -> None:
    teacher = unibridge["encode(amh, frozen, samples:amh:128w:at most 10000)"]
    assert teacher.id in unibridge["adapt(amh)"].after
    assert set(teacher.after) == {"backbone(xlm-roberta-base)", "samples(amh, 128 words, at most 10000)"}
    assert "encode(eng, frozen, samples:eng:128w:at most 50000)" not in {stage.id for stage in unibridge}


def test_one_task_part_for_each_source_over_its_active_language_adapter(unibridge: Plan) -> None:
    for source in ("eng", "zho", "rus", "ara", "jpn"):
        train = unibridge[f"train({source}, ner)"]
        assert f"adapt({source})" in train.after
        assert train.trains == (f"parts task_adapter:ner@source:{source}", f"parts head:ner@source:{source}")


def test_parallel_pairs_for_each_target_and_source(unibridge: Plan) -> None:
    pairs = {stage.id for stage in unibridge.of("parallel")}
    assert pairs == {f"parallel({t}-{s})" for t in ("amh", "khm") for s in ("eng", "zho", "rus", "ara", "jpn")}


def test_all_task_parts_are_mixed(unibridge: Plan) -> None:
    assert unibridge["predict(amh, ner)"].options["mix"] == ["eng", "zho", "rus", "ara", "jpn"]


# phonexl


def test_two_streams_are_pooled_to_words_before_the_encoder(phonexl: Plan) -> None:
    reads = phonexl["train(zho, ner)"].details["reads"]
    assert reads == {"text": {"unit": "word", "sums": ("text", "phonemes"), "languages": "auto"}}


def test_two_tables(phonexl: Plan) -> None:
    trains = phonexl["train(zho, ner)"].trains
    assert {"parts embedding:text/finetuned@shared", "parts embedding:phonemes/finetuned@shared"} <= set(trains)
    rows = [phonexl[name] for name in phonexl["train(zho, ner)"].after if name.startswith("embedding(shared")]
    assert [(stage.channel, stage.part) for stage in rows] == [("text", "copy_overlap"), ("phonemes", "random")]
    assert all("tokenizer(shared, text+phonemes)" in stage.after for stage in rows)
    assert "parts language_ids/finetuned@shared" in trains


def test_three_views_share_their_random_draws(phonexl: Plan) -> None:
    clean, masked, switched = phonexl["train(zho, ner)"].views
    assert clean == "text"
    assert masked.startswith("text | mask(") and "draw=words" in masked
    assert switched.startswith("text | switch(") and switched.endswith(masked.removeprefix("text | "))


def test_nothing_of_the_dictionary_at_evaluation(phonexl: Plan) -> None:
    predict = phonexl["predict(vie, ner)"]
    assert not any("dictionary" in name for name in predict.after)
    assert not predict.views
    assert "dictionary(zho-vie)" in phonexl["train(zho, ner)"].after


# translit_ppa


def test_downstream_stages_are_keyed_on_the_new_body(ppa: Plan) -> None:
    other = plan(method="translit_ppa", seeds=1, set=["adaptation.lr=1e-5"])
    assert ppa["train(heb, ner)"].key != other["train(heb, ner)"].key
    assert ppa["labels(heb, ner, train)"].key == other["labels(heb, ner, train)"].key
    assert any(need.startswith("parts body/posttrained@") for need in ppa["train(heb, ner)"].needs)


def test_selection_by_retrieval_inside_adaptation(ppa: Plan) -> None:
    (post,) = ppa.of("adapt")
    assert post.options["select"]["by"] == "retrieval"
    assert {"parallel(amh-eng)", "parallel(heb-eng)"} <= set(post.after)


# mtlws


def test_projected_labels_are_ordinary_data(mtlws: Plan) -> None:
    fact = "labels ner:spa:train"
    assert fact in mtlws["project(eng-spa)"].gives and fact in mtlws["train(spa, ner)"].needs
    supervised = plan(method="mtlws", targets="spa", protocol="supervised", drop=["projection"])
    assert fact in supervised["labels(spa, ner, train)"].gives and fact in supervised["train(spa, ner)"].needs


def test_the_outer_loop_trains_shared_and_task_parts_only(mtlws: Plan) -> None:
    warm = mtlws["train(spa, ner)"]
    assert warm.trains == ("parts body/warm@shared", "parts head:ner@task")
    assert {"inner", "inner_lr", "outer", "outer_rate", "rounds"} <= set(warm.options)


def test_a_language_part_stays_as_it_is_in_the_outer_loop(files: Files) -> None:
    made = plan(
        method="mtlws",
        targets="spa",
        resources=files("translation:eng-spa"),
        set=[
            "vocabulary.target=unibridge.alp_search",
            "embedding.target=unibridge.aligned",
            "adaptation=translit_ppa.posttrain",
        ],
    )
    assert any("embedding:text@language:spa" in need for need in made["train(spa, ner)"].needs)
    assert not any("language:" in part for part in made["train(spa, ner)"].trains)


# phoneme_gap


@pytest.mark.parametrize(
    ("representation", "backbone"),
    [
        ("phoneme_gap.phonemes", "xphonebert-base"),
        ("character", "canine-c"),
        ("subword", "bert-base-multilingual-cased"),
    ],
)
def test_the_representation_picks_the_backbone_that_reads_it(representation: str, backbone: str) -> None:
    made = plan(method="phoneme_gap", sources="eng,fra", targets="eng,fra", set=[f"representation={representation}"])
    assert made.run["backbone"] == backbone


def test_vectors_across_models() -> None:
    made = plan(method="phoneme_gap", sources="eng,fra,hun", targets="eng,fra,hun")
    (cka,) = made.of("score:phoneme_gap.cka")
    for language in ("eng", "fra", "hun"):
        (encoded,) = [made[name] for name in cka.after if name.startswith(f"encode({language}, trained")]
        assert f"train({language}, ner)" in encoded.after
        assert "parallel(eng-fra-hun)" in encoded.after, "row n is one sentence in all languages"


def test_rows_that_post_training_learned_outlive_each_sources_fine_tuning() -> None:
    made = plan(
        method="translit_ppa",
        sources="eng,ell",
        targets="amh",
        adapt="eng,ell,amh",
        seeds=1,
        set=[
            "vocabulary.target=unibridge.alp_search",
            "vocabulary.target.views=[text,latin]",
            "embedding.target=unibridge.aligned",
        ],
    )
    assert len(made.of("predict")) == 2
    assert all("parts embedding:text@language:amh" in stage.needs for stage in made.of("predict"))


def test_choices_that_change_nothing_are_noted() -> None:
    made = plan(
        method="zero_shot",
        backbone="xlm-roberta-base",
        targets="amh",
        set=["rewriting.latin=translit_ppa.uroman", "projection=mtlws.span_to_span", "embedding.target=random"],
    )
    assert made.notes == (
        "rewriting.latin: nothing reads what translit_ppa.uroman would write",
        "projection: nothing asks for labels that would cross over",
        "embedding.target: new vectors for the backbone's own pieces, since vocabulary.target keeps them",
    )


def test_a_model_of_sub_words_can_read_another_channel() -> None:
    made = plan(
        method="zero_shot",
        backbone="xlm-roberta-base",
        targets="amh",
        set=["representation.text.channel=latin", "rewriting.latin=translit_ppa.uroman"],
    )
    assert "rewrite(amh, latin, labels:ner:amh:test)" in made["predict(amh, ner)"].after
    assert made["train(eng, ner)"].details["reads"] == {"text": {"unit": "subword", "sums": ("latin",)}}
