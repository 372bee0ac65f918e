"""Bad input: each its own message, and before anything is trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from xlt_unibridge.anchor import Kl

from plugins.unibridge.tests.made import Made
from tests.core.letters import Letters
from tests.core.test_own_vocabularies import two_languages
from xlt_core import plan, run
from xlt_core.engine.terms import terms_of
from xlt_core.errors import RefusedError, RunError
from xlt_core.graph.store import Store
from xlt_core.model.vocabulary import made

QUICK = ["vocabulary.target=fixed_size", "vocabulary.target.text.size=300", "vocabulary.target.text.words=8",
         "embedding.target=copy_overlap"]  # fmt: skip


def refused(**asked: Any) -> list[str]:
    with pytest.raises(RefusedError) as caught:
        plan(**{"method": "unibridge", **asked})
    return [str(problem) for problem in caught.value.problems]


def ended(**asked: Any) -> str:
    """What a run that can't be done ends with; nothing was trained by then."""
    with pytest.raises(RunError) as caught:
        run(
            **{"method": "unibridge", "backbone": "mini", "sources": "eng,rus", "targets": "amh", "out": "out", **asked}
        )
    store = Store.at(None)
    done = {str(store.manifest(key).about["stage"]) for key in store.known()}
    assert done and not [stage for stage in done if stage.startswith(("adapt", "train"))]
    return caught.value.text()


def written(name: str, text: str) -> str:
    file = Path(name)
    file.write_text(text, encoding="utf-8")
    return str(file.absolute())


def test_what_reads_nothing_trained_is_done_before_any_training() -> None:
    stages = list(plan(method="unibridge", backbone="mini", targets="amh,khm"))
    first = next(n for n, stage in enumerate(stages) if stage.verb in ("adapt", "train"))
    before = {stage.verb for stage in stages[:first]}
    assert {"text", "labels", "parallel", "samples", "tokenizer", "embedding", "encode"} <= before
    after = {stage.verb for stage in stages[first:]}
    assert not {"samples", "tokenizer", "embedding"} & after
    assert all(stage.options["model"] == "frozen" for stage in stages[:first] if stage.verb == "encode")


# text


def test_no_text_for_a_target() -> None:
    reasons = refused(backbone="mini", targets="hau")
    (reason,) = [reason for reason in reasons if "text:hau" in reason]
    assert "needs resource text:hau, and no data set known here has it" in reason
    assert "--resource text:hau=FILE" in reason


def test_a_text_with_nothing_in_it() -> None:
    said = ended(resources={"text:amh": written("empty.txt", "\n \n")})
    assert "text(amh): there is no text in what was read for text:amh" in said
    assert "--resource text:amh=FILE with more in it" in said


@pytest.mark.parametrize(
    ("language", "words"), [("rus", "adaptation.words=128"), ("amh", "vocabulary.target.text.words=99")]
)
def test_too_little_text_for_one_sample(language: str, words: str) -> None:
    said = ended(resources={f"text:{language}": written("short.txt", "one two three\n")}, set=[*QUICK, words])
    assert f"the text of {language} doesn't fill one sample of {words.partition('=')[2]} words" in said
    assert f"--resource text:{language}=FILE" in said and "fewer `words`" in said


def test_too_little_text_for_the_size() -> None:
    text = written("short.txt", "ቤት ትልቅ ነው\n" * 50)
    said = ended(resources={"text:amh": text}, set=QUICK)
    assert "tokenizer(amh): the text of amh makes at most" in said and "and 300 are wanted" in said


# labels


def test_no_task_data_for_a_source() -> None:
    reasons = refused(backbone="xlm-roberta-base", sources="eng,lhu", targets="amh")
    assert any(
        "training `finetune` needs train labels of lhu (Lahu) for ner, and wikiann has none" in r for r in reasons
    )


# pairs


def test_no_pairs_of_a_target_and_a_source_and_what_to_do_without(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"backbone": "xlm-roberta-base", "sources": "eng,rus", "targets": "lhu"}
    asked["data"] = f"mini,{labelled(tmp_path, ['eng', 'rus', 'lhu'])}"
    asked["resources"] = {f"text:{code}": written(f"{code}.txt", "a b c\n") for code in ("eng", "rus", "lhu")}
    reasons = refused(**asked)
    for code, reason in zip(("eng", "rus"), reasons, strict=True):
        assert f"inference `unibridge.harmony` needs resource parallel:lhu-{code}, and no data set" in reason
        assert f"Try: --resource parallel:lhu-{code}=FILE, or --set inference=uniform" in reason
    assert plan(method="unibridge", **asked, set=["inference=uniform"]).of("weights")


def labelled(folder: Path, languages: list[str]) -> Path:
    for code in languages:
        (folder / "data" / code).mkdir(parents=True)
        for split in ("train", "dev", "test"):
            (folder / "data" / code / f"{split}.tsv").write_text("Ana\tB-PER\ngo\tO\n\n", encoding="utf-8")
    return folder / "data"


def test_a_file_of_pairs_with_nothing_in_it() -> None:
    said = ended(resources={"parallel:amh-rus": written("pairs.tsv", "\n")})
    assert "there is no sentence in what was read for parallel:amh-rus" in said
    assert "--resource parallel:amh-rus=FILE" in said and "--set inference=uniform" in said


def test_pairs_of_other_languages_are_told(tmp_path: Path) -> None:
    text = "".join(f"the house number {n} is old\tдом номер {n} очень старый\n" for n in range(20))
    stages = Made.of(tmp_path / "made", targets="amh", resources={"parallel:amh-rus": written("pairs.tsv", text)})
    stages.stage("parallel(amh-rus)")
    assert stages.notes == ["amh is mostly written in Latn here, and not in Ethi: it may be another language"]


# the frozen model


def test_a_frozen_model_that_knows_none_of_the_pieces_is_told_before_anything_learns_from_it(tmp_path: Path) -> None:
    stages = Made.of(tmp_path / "made", targets="amh", set=QUICK)
    stages.stage("encode(amh, frozen, text:amh)")
    (note,) = stages.notes
    assert "of what it read of amh are pieces that its tokenizer doesn't know: its states say little" in note


@pytest.mark.parametrize("role", ["", "target."])
def test_joined_texts_have_no_states_of_their_own(role: str) -> None:
    (reason,) = refused(backbone="mini", set=[f"adaptation.{role}packing=concat"])
    assert reason.startswith(
        "loss `unibridge.kl` reads what was kept of each text, and adaptation `unibridge.language_adapters` joins "
        "texts and cuts them anew"
    )
    assert "--set adaptation.packing=sample, or --drop adaptation.target.losses.unibridge.kl" in reason


def test_joined_texts_can_be_read_by_the_old_table_or_without_the_anchor() -> None:
    joined = "adaptation.target.packing=concat"
    reads = "adaptation.target.losses.unibridge.kl.kl_teacher_reads=target_ids"
    assert plan(method="unibridge", backbone="mini", set=[joined, reads]).of("adapt")
    assert plan(method="unibridge", backbone="mini", set=[joined], drop=["adaptation.losses.unibridge.kl"]).of("adapt")


def test_a_body_that_is_trained_is_no_longer_as_it_came() -> None:
    kl = "adaptation.losses.unibridge.kl={kl_teacher_reads: target_ids}"
    (reason,) = refused(method="pretrain", backbone="mini", add=[kl])
    assert reason == (
        "loss `unibridge.kl` reads the body as it came, and adaptation `pretrain` trains it\n"
        "     Try: --drop adaptation.losses.unibridge.kl"
    )


def test_pieces_that_the_old_table_has_no_rows_for_are_told_before_the_first_step() -> None:
    net = two_languages()
    many = made(net.backbone, torch.zeros(40, 16), torch.zeros(40))
    net.add_vocabulary("khm:text", replace(many, tokenizer=Many()))
    kl = {"use": "unibridge.kl", "kl_teacher_reads": "target_ids"}
    job: Any = SimpleNamespace(
        stage=SimpleNamespace(id="adapt(khm)", slot="adaptation", languages=("khm",), options={"losses": {"kl": kl}}),
        part=lambda slot, name, data: (Kl(kl_teacher_reads="target_ids"), None),
    )
    with pytest.raises(RunError, match="Training can't begin") as met:
        terms_of(job, net)
    (problem,) = met.value.problems
    assert problem.what.endswith("the backbone's own table, which has 30 rows, and there are 40 of khm")
    assert "--drop adaptation.losses.kl" in problem.fix


class Many(Letters):
    def __len__(self) -> int:
        return 40
