"""`--data`: folders, several of them, known sets under other names, and what is said when something isn't there."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from xlt_core import plan, run
from xlt_core.catalog import load_object
from xlt_core.config.settings import data_parts
from xlt_core.data.checksums import known_sums
from xlt_core.data.layout import Layout, fits, found_in
from xlt_core.errors import RefusedError, RunError, UsageError
from xlt_core.languages import language

SENTENCE = "Anna B-PER\nin O\nRoma B-LOC\n\n"


def put(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return str(folder)


def labels(data: str, targets: str = "hau", **more: object) -> dict[str, dict[str, object]]:
    """The files that a run would read, and how, by stage."""
    made = plan(method="zero_shot", backbone="mini", task="ner", targets=targets, data=data, **more)
    return {stage.id: stage.options for stage in made.of("labels")}


@pytest.mark.parametrize(
    "name",
    ["eng/train.tsv", "en/train.conll", "train/en.tsv", "train-eng.txt", "eng_Latn/train.txt", "en/train",
     "x.train.en.tsv", "en.x.train.tsv", "eng_train.bio", "en_x-ud-train.iob2", "t/en_x-ud-train.iob2"],
)  # fmt: skip
def test_files_are_found_whatever_the_usual_way_of_calling_them(tmp_path: Path, name: str) -> None:
    text = SENTENCE.replace(" ", "\t")
    others = {f"eng/{split}.tsv": text for split in ("dev",)} | {"hau/test.tsv": text}
    data = put(tmp_path / "mine", {name: text, **others})
    assert labels(data)["labels(eng, ner, train)"]["location"] == f"file:{tmp_path}/mine/{name}"


def test_a_splits_name_is_no_language(tmp_path: Path) -> None:
    """`dev` is the code of Domung."""
    put(tmp_path, {"dev/test.tsv": "x", "test.dev.tsv": "x"})
    assert list(found_in(tmp_path, (Layout("{lang}/{split}.{ext}"), Layout("{split}.{lang}.{ext}")))) == []
    assert [fits(language(code), "zho") for code in ("zho_Hans", "zho_Hant", "cmn", "yue", "eng")] == [3, 2, 1, 1, 0]


def test_data_sets_are_put_together_and_each_brings_its_own_labels_to_the_tasks(tmp_path: Path) -> None:
    gold = put(tmp_path / "wikigold", {"wikigold.conll.txt": "-DOCSTART- O\n\nUno I-MISC\nin O\nRome I-LOC\n\n" * 9})
    dev = put(tmp_path / "conll2003", {"eng.testa": "Rome NNP B-NP I-LOC\nOslo NNP I-NP B-LOC\n\n" * 9})
    news = put(tmp_path / "other", {"hau/test.txt": "1 B-DATE\nMay I-DATE\nKano B-LOC\n\n" * 9})
    data = f"{gold},{dev},masakhaner2={news}"
    read = labels(data)
    assert [stage["reader"]["rename"] for stage in read.values()] == [{"MISC": "O"}] * 2 + [{"DATE": "O"}]  # type: ignore[index]
    asked = {"method": "zero_shot", "backbone": "mini", "task": "ner", "targets": "hau", "data": data}
    scores = run(**asked, out="a", budget="2steps").scores["scores"][0]
    assert scores["examples"] == 9 and "unknown_labels" not in scores
    told = [json.loads(line) for line in Path("a/metrics.jsonl").read_text().splitlines()]
    assert [one["scheme"] for one in told if one["kind"] == "read"] == ["io", "iob1", "iob2"]

    flags = ["reading.labels.rename.DATE=DATE", "reading.labels.unknown=miss"]
    missed = run(**asked, out="b", budget="2steps", set=flags).scores["scores"][0]
    assert missed["unknown_labels"] == {"policy": "miss", "labels": {"DATE": 9}}
    with pytest.raises(RunError, match="tags that the task doesn't have: B-DATE"):
        run(**asked, out="c", budget="2steps", set=flags[:1])


def test_the_reader_that_fits_stands_in_the_plan(tmp_path: Path) -> None:
    files = {f"{name}.tsv": "a\tx\tB-PER\nb\ty\tO\n" for name in ("eng/train", "eng/dev")}
    data = put(tmp_path, {**files, "hau/test.tsv": "ha:Kano\tB-LOC\nha:ne\tO\n"})
    readers = [stage["reader"] for stage in labels(data).values()]
    assert [(one["use"], one.get("tag")) for one in readers] == [("columns", 2), ("columns", 2), ("prefixed", None)]  # type: ignore[index,attr-defined]
    put(tmp_path, {"hau/test.tsv": "Kano\tB-LOC\tx\n"})
    told = labels(data, set=["reading.labels=columns", "reading.labels.tag=1"])
    assert [stage["reader"]["tag"] for stage in told.values()] == [1, 1, 1]  # type: ignore[index]


def test_two_files_for_one_language_are_told_and_one_is_never_picked_in_silence(tmp_path: Path) -> None:
    names = (
        "UD_English-A/en_a-ud-train.conllu",
        "UD_English-B/en_b-ud-train.conllu",
        "UD_English-B/en_b-ud-dev.conllu",
    )
    data = put(tmp_path / "ud", {**dict.fromkeys(names, ""), "UD_Hausa-C/ha_c-ud-test.conllu": ""})
    with pytest.raises(RefusedError) as caught:
        plan(method="zero_shot", backbone="mini", task="pos", targets="hau", data=data)
    (problem,) = caught.value.problems
    assert "several files hold train labels of eng" in problem.what
    assert problem.fix.startswith(f"--data {data}/UD_English-A")
    chosen = f"{data}/UD_English-B,{data}/UD_Hausa-C"
    made = plan(method="zero_shot", backbone="mini", task="pos", targets="hau", data=chosen)
    assert {stage.options["reader"]["use"] for stage in made.of("labels")} == {"conllu"}


def test_what_is_missing_is_told_with_what_there_is(tmp_path: Path) -> None:
    data = put(tmp_path, dict.fromkeys(("swa/train.tsv", "swa/test.tsv", "yor/dev.tsv"), SENTENCE))
    with pytest.raises(RefusedError, match=r"has labels of swa \(train, test\), yor \(dev\)"):
        labels(data)
    with pytest.raises(RefusedError, match=r"no file's name says that it holds labels: LANGUAGE/SPLIT\.tsv would"):
        labels(put(tmp_path / "empty", {"readme.md": ""}))
    with pytest.raises(UsageError, match=r"no data set is called `masakhner2`.*did you mean `masakhaner2`"):
        labels("masakhner2=x,wikigold")
    assert data_parts("wikigold, a/b ,x=c") == [("wikigold", ""), ("", "a/b"), ("x", "c")]


def test_texts_pairs_and_dictionaries_lie_in_folders_too(tmp_path: Path) -> None:
    from xlt_core.data.folders import Folder
    from xlt_core.facts import Resource
    from xlt_core.graph.stages import Offer

    names = ("eng.txt", "en-fr/train.en", "en-fr/train.fr", "en-fr/test.en", "en-de.tsv", "dict/fr-en.txt")
    folder = Folder("x", Path(put(tmp_path, dict.fromkeys(names, "a\n"))))

    def where(kind: str, of: str) -> tuple[list[str], object]:
        offer = folder.offer(Resource(kind, of))
        assert isinstance(offer, Offer), offer
        files = [str(Path(one.removeprefix("file:")).relative_to(tmp_path)) for one in (offer.location, *offer.beside)]
        return files, offer.reading.get("columns")

    assert where("text", "eng") == (["eng.txt"], None)
    assert where("parallel", "fra-eng") == (["en-fr/train.fr", "en-fr/train.en"], None)
    assert where("parallel", "eng-deu") == (["en-de.tsv"], None)
    assert where("parallel", "deu-eng") == (["en-de.tsv"], [1, 0])
    assert where("dictionary", "eng-fra") == (["dict/fr-en.txt"], [1, 0])
    assert folder.offer(Resource("text", "fra")) is None


def test_a_reader_of_ones_own_as_the_page_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    (tmp_path / "slashed.py").write_text(text, encoding="utf-8")
    data = put(tmp_path, dict.fromkeys(("eng/train.txt", "eng/dev.txt", "hau/test.txt"), "Anna/B-PER a/O\n" * 9))
    asked = {"method": "zero_shot", "backbone": "mini", "task": "ner", "targets": "hau", "data": data}
    flags = {"plugins": [str(tmp_path / "slashed.py")], "set": ["reading.labels=slashed.lines"], "budget": "1steps"}
    assert run(**asked, **flags, out="a").scores["scores"][0]["examples"] == 9
    table = [row.split("\t") for row in Path("a/predictions/hau-ner.tsv").read_text("utf-8").splitlines() if row]
    words = Path("a/predictions/hau-ner/test.txt").read_text("utf-8").split()
    assert words == [f"{word}/{predicted}" for word, _, predicted in table] and len(words) == 18
    put(tmp_path, {"hau/test.txt": "Anna/B-PER\nAnna\n"})
    with pytest.raises(RunError, match=r"hau/test.txt:2: a word without a tag"):
        run(**asked, **flags, out="b")


def test_a_file_that_is_not_as_it_was_released_is_told_and_read(tmp_path: Path) -> None:
    """Both checksums are named; a file of another name has none."""
    files = dict.fromkeys(("eng/train.txt", "eng/dev.txt", "hau/test.txt"), "Anna B-PER\na O\n\n" * 9)
    data = put(tmp_path / "masakhaner1", files)
    asked = {"method": "zero_shot", "backbone": "mini", "task": "ner", "targets": "hau", "data": str(data)}
    run(**asked, out="a", budget="1steps")
    events = [json.loads(line) for line in Path("a/metrics.jsonl").read_text("utf-8").splitlines()]
    notes = [event for event in events if event["kind"] == "note" and "released" in event["text"]]
    (note,) = [event for event in notes if event["stage"] == "labels(hau, ner, test)"]
    known = load_object("xlt_core.data.known:MASAKHANER")
    mine = hashlib.sha256((tmp_path / "masakhaner1/hau/test.txt").read_bytes()).hexdigest()
    assert mine in note["text"] and known_sums(known)["hau/test.txt"] in note["text"]
    (read,) = [event for event in events if event["kind"] == "read" and event["stage"] == note["stage"]]
    assert read["sha256"] == mine and len(notes) == 1, "no English file is known of this set"
