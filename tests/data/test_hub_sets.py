"""Data sets and models of the hub, from a hub on localhost that lays them out as the real one does."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
import yaml

import xlt_core
from tests.conftest import Run
from tests.data.hub_server import COMMIT, Hub, Repository
from xlt_core.catalog import load_catalog, load_object
from xlt_core.data.check.check import checked
from xlt_core.data.check.corpus import corpora
from xlt_core.data.hub import Part, bring, layout_of, prepared, read_hub
from xlt_core.data.hub_sets import SETS, UD_TAGS
from xlt_core.data.records import EXAMPLES, PAIRS, TEXT, Tagged, read_tagged
from xlt_core.data.sets import DataSet
from xlt_core.errors import UnavailableError, UsageError
from xlt_core.facts import Fact, Labels, Resource
from xlt_core.graph.job import Job
from xlt_core.running.fetch import intact

MINI = Path(xlt_core.__file__).parent / "mini" / "backbones" / "subword"


def parquet(**columns: Any) -> bytes:
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), out)
    return out.getvalue()


def readme(configs: dict[str, dict[str, str]], infos: Any = None) -> bytes:
    """The head of a README: configuration → split → where its files lie."""
    told: dict[str, Any] = {
        "configs": [
            {"config_name": name, "data_files": [{"split": split, "path": path} for split, path in splits.items()]}
            for name, splits in configs.items()
        ]
    }
    if infos is not None:
        told["dataset_info"] = infos
    return f"---\n{yaml.safe_dump(told)}---\n# A data set\n".encode()


def repository(name: str, files: dict[str, bytes], head: bytes, **more: Any) -> tuple[str, Repository]:
    own = next(held.revision for held in known().values() if held.hub == name)
    return name, Repository({"README.md": head, **files}, ("main", own), **more)


def known() -> dict[str, DataSet]:
    sets = (load_object(entry.card.declares) for entry in load_catalog().all("data"))
    return {one.name: one for one in sets if isinstance(one, DataSet) and one.hub}


def repositories() -> dict[str, Repository]:
    """A little of each data set, laid out as the hub has it."""
    spans = parquet(tokens=[["Anna", "Schmidt", "ruht"]], ner_tags=[[1, 2, 0]], langs=[["de"] * 3], spans=[["PER: …"]])
    splits = {split: f"{{}}/{split}-*" for split in ("train", "validation", "test")}
    piece = "train-{:05}-of-00002.parquet"
    pairs = parquet(premise=["Es regnet ."], hypothesis=["Es ist nass ."], label=[2])
    upos = [[UD_TAGS.index("NOUN"), UD_TAGS.index("VERB"), UD_TAGS.index("_")]]
    topics = 'index_id\tcategory\ttext\n7\tsports\t"ኳስ" ተጫወተ\n'.encode()
    articles = [parquet(id=[str(n)], url=[""], title=[""], text=[f"Zeile {n}.\n\nUnd noch eine."]) for n in (1, 2)]
    bitext = "".join(json.dumps({"sentence1": one, "sentence2": two}) + "\n" for one, two in [("ሰላም", "Hello")])
    names = {"class_label": {"names": {"0": "contradiction", "1": "neutral", "2": "entailment"}}}
    return dict(
        [
            repository(
                "unimelb-nlp/wikiann",
                {f"de/{split}-00000-of-00001.parquet": spans for split in splits},
                readme({"de": {split: path.format("de") for split, path in splits.items()}, "am": {}}),
            ),
            repository(
                "commul/universal_dependencies",
                {"parquet/de_gsd/test.parquet": parquet(tokens=[["Kinder", "spielen", "zum"]], upos=upos)},
                readme({name: {"test": f"parquet/{name}/test.parquet"} for name in ("de_gsd", "de_hdt", "wo_wtb")}),
            ),
            repository(
                "facebook/xnli",
                {"de/test-00000-of-00001.parquet": pairs},
                readme({"de": {"test": "de/test-*"}}),
            ),
            repository(
                "nala-cub/americas_nli",
                {"gn/test-00000-of-00001.parquet": pairs},
                readme(
                    {"gn": {"test": "gn/test-*"}, "all_languages": {"test": "all/test-*"}},
                    [{"config_name": "gn", "features": [{"name": "label", "dtype": names}]}],
                ),
            ),
            repository(
                "Davlan/sib200",
                {"data/amh_Ethi/test.tsv": topics},
                readme(
                    {"amh_Ethi": {"test": "data/amh_Ethi/test.tsv"}, "zho_Hant": {"test": "data/zho_Hant/test.tsv"}}
                ),
            ),
            repository(
                "wikimedia/wikipedia",
                {f"20231101.de/{piece.format(n)}": own for n, own in enumerate(articles)},
                readme({"20231101.de": {"train": "20231101.de/*"}}),
            ),
            repository(
                "mteb/tatoeba-bitext-mining",
                {"test/amh-eng.jsonl": bitext.encode()},
                readme({"amh-eng": {"test": "test/amh-eng.jsonl"}}),
            ),
            repository(
                "openlanguagedata/flores_plus",
                {
                    f"dev/{code}.parquet": parquet(id=ids, text=[f"{code} {n}" for n in ids])
                    for code, ids in (("amh_Ethi", [1, 2, 3]), ("eng_Latn", [3, 1]), ("khm_Khmr", [1, 3]))
                },
                readme({code: {"dev": f"dev/{code}.parquet"} for code in ("amh_Ethi", "eng_Latn", "khm_Khmr")}),
            ),
        ]
    )


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    from huggingface_hub import constants

    with Hub(repositories()) as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", hub.url + "/{repo_id}/resolve/{revision}/{filename}"
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf-home" / "hub"))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        yield hub


FACTS: dict[str, Fact] = {
    "wikiann": Labels("ner", "deu", "test"),
    "universal_dependencies": Labels("pos", "deu", "test"),
    "xnli": Labels("nli", "deu", "test"),
    "americas_nli": Labels("nli", "grn", "test"),
    "sib200": Labels("topic", "amh", "test"),
    "wikipedia": Resource("text", "deu"),
    "tatoeba": Resource("parallel", "eng-amh"),
    "flores_plus": Resource("parallel", "amh-khm-eng"),
}
READ: dict[str, Any] = {
    "wikiann": Tagged("test-0", "deu", ("Anna", "Schmidt", "ruht"), ("B-PER", "I-PER", "O")),
    "universal_dependencies": Tagged("test-0", "deu", ("Kinder", "spielen", "zum"), ("NOUN", "VERB", "_")),
    "xnli": Tagged("test-0", "deu", ("Es", "regnet", "."), ("contradiction",), ("Es", "ist", "nass", ".")),
    "americas_nli": Tagged("test-0", "grn", ("Es", "regnet", "."), ("entailment",), ("Es", "ist", "nass", ".")),
    "sib200": Tagged("7", "amh", ('"ኳስ"', "ተጫወተ"), ("sports",)),
    "wikipedia": "Zeile 1.\nUnd noch eine.\nZeile 2.\nUnd noch eine.\n",
    "tatoeba": "Hello\tሰላም\n",
    "flores_plus": "amh_Ethi 1\tkhm_Khmr 1\teng_Latn 1\namh_Ethi 3\tkhm_Khmr 3\teng_Latn 3\n",
}


class Asking:
    """As much of a stage as reading needs."""

    def __init__(self, name: str) -> None:
        fact = FACTS[name]
        self.offer = known()[name].offer(fact)
        self.gives = (str(fact),)


def read(name: str, out: Path) -> Any:
    """What is in the store after a set was read."""
    stage: Any = Asking(name)
    job: Any = Job(stage, {}, out, None, None, None, None, print)  # type: ignore[arg-type]
    read_hub(job, "")
    if (out / EXAMPLES).exists():
        (row,) = read_tagged(out / EXAMPLES)
        return row
    return ((out / TEXT) if (out / TEXT).exists() else (out / PAIRS)).read_text(encoding="utf-8")


def part(name: str) -> Part:
    return Part.of(Asking(name))  # type: ignore[arg-type]


def test_every_set_of_the_hub_says_how_it_is_laid_out() -> None:
    assert {held.hub for held in known().values() if not held.manual} == SETS.keys()
    assert FACTS.keys() == {held.name for held in known().values() if not held.manual}


@pytest.mark.parametrize("name", FACTS)
def test_each_set_is_fetched_once_and_read_again_without_a_network(hub: Hub, name: str, tmp_path: Path) -> None:
    assert not prepared(part(name))
    assert read(name, tmp_path) == READ[name]
    assert prepared(part(name))
    assert all(intact(path.resolve()) for files in bring(part(name)) for path in files.paths)
    hub.asked.clear()
    assert read(name, tmp_path) == READ[name]
    assert [asked for asked in hub.asked if asked.startswith("GET") and "/resolve/" in asked] == []
    assert [files.config for files in bring(part(name), offline=True)]


def test_what_is_read_says_which_commit_it_was(hub: Hub, tmp_path: Path) -> None:
    """A branch moves; what was read of it doesn't."""
    for name, revision in (("wikiann", "main"), ("xnli", known()["xnli"].revision)):
        read(name, tmp_path)
        told = json.loads((tmp_path / "read.json").read_text(encoding="utf-8"))
        expected = COMMIT if revision == "main" else revision
        assert told == {"repository": known()[name].hub, "revision": revision, "commit": expected}


def test_only_the_split_that_is_asked_for_is_fetched(hub: Hub) -> None:
    bring(part("wikiann"))
    fetched = {asked.rpartition("/")[2] for asked in hub.asked if asked.startswith("GET") and "/resolve/" in asked}
    assert fetched == {"README.md", "test-00000-of-00001.parquet"}


def refused(name: str) -> str:
    with pytest.raises(UnavailableError) as raised:
        bring(part(name))
    assert raised.value.exit == 4
    return str(raised.value)


def test_what_can_go_wrong_says_so_each_in_its_own_words(hub: Hub, tmp_path: Path) -> None:
    flores = hub.repositories["openlanguagedata/flores_plus"]
    for flores.gate, who in ((401, "you aren't logged in"), (403, "your account has no access to it yet")):
        told = refused("flores_plus")
        assert f"it is gated, and {who}" in told
        assert "accept its licence on https://huggingface.co/datasets/openlanguagedata/flores_plus" in told
        assert "HF_TOKEN" in told
    hub.repositories["facebook/xnli"].revisions = ("main",)
    assert "it has no revision b8dd5d7af51114dbda02c0e3f6133f332186418e" in refused("xnli")
    wikiann = hub.repositories.pop("unimelb-nlp/wikiann")
    assert "there is no such repository" in refused("wikiann")
    hub.repositories["unimelb-nlp/wikiann"] = Repository({"README.md": readme({"fr": {}})})
    assert "names no configuration, or several, of deu; it has fr" in refused("wikiann")
    hub.repositories["unimelb-nlp/wikiann"] = wikiann
    hub.cut = "data/amh_Ethi/test.tsv"
    assert "try again" in refused("sib200")
    hub.cut = ""
    (files,) = bring(part("universal_dependencies"))
    files.paths[0].resolve().write_bytes(b"PAR1 and no more")
    assert not intact(files.paths[0].resolve())
    with pytest.raises(UnavailableError, match=r"is damaged: [^\n]*\n +Try: rm "):
        read("universal_dependencies", tmp_path)


def test_without_a_network_what_is_not_here_is_named(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert "and the hub can't be reached" in refused("xnli")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "and nothing may be fetched" in refused("xnli")


def test_the_doctor_looks_at_a_data_set_by_its_name(hub: Hub) -> None:
    report = checked(corpora(Path("wikiann"), load_catalog(), None, "deu"))
    assert [(told["split"], told["sentences"]) for told in report.files] == [("train", 1), ("dev", 1), ("test", 1)]
    assert [leak.count for leak in report.leaks] == [1, 1, 1], "all three are the same here"
    with pytest.raises(UsageError, match="wikiann --lang CODE"):
        list(corpora(Path("wikiann"), load_catalog(), None, None))
    with pytest.raises(UsageError, match="did you mean `wikiann`"):
        list(corpora(Path("wikian"), load_catalog(), None, "deu"))


def test_pieces_of_a_split_are_no_split(hub: Hub) -> None:
    whole = bring(part("wikipedia"))[0].paths
    whole[1].unlink()
    with pytest.raises(UnavailableError):
        bring(part("wikipedia"), offline=True)
    assert not prepared(part("wikipedia"))


def test_of_several_treebanks_the_usual_one_is_taken_and_of_scripts_the_usual_one() -> None:
    choose = SETS["commul/universal_dependencies"].config
    held = ("de_gsd", "de_hdt", "de_lit", "wo_wtb", "xx_a", "am_att", "ar_padt", "ar_pud")
    assert [choose(code, held) for code in ("deu", "wol", "amh", "arb", "fin")] == [
        "de_gsd", "wo_wtb", "am_att", "ar_padt", None,
    ]  # fmt: skip
    scripts = ("arb_Arab", "arb_Latn", "zho_Hans", "zho_Hant", "swh_Latn", "pes_Arab")
    fit = layout_of(Part("Davlan/sib200", "main", "")).config
    assert [fit(code, scripts) for code in ("ara", "zho", "swa", "fas", "khm")] == [
        "arb_Arab", "zho_Hans", "swh_Latn", "pes_Arab", None,
    ]  # fmt: skip


# whole runs


def test_what_was_fetched_runs_when_the_network_is_gone(xlt: Run, tmp_path: Path) -> None:
    made = repositories()
    rows = {
        code: parquet(tokens=[["Anna", word, "."]] * 8, ner_tags=[[1, 0, 0]] * 8)
        for code, word in (("en", "sleeps"), ("de", "ruht"))
    }
    configs = {code: {split: f"{code}/{split}-*" for split in ("train", "validation", "test")} for code in ("en", "de")}
    wikiann = {f"{code}/{split}-00000-of-00001.parquet": rows[code] for code, own in configs.items() for split in own}
    made["unimelb-nlp/wikiann"] = Repository({"README.md": readme(configs), **wikiann})
    made["FacebookAI/xlm-roberta-base"] = Repository({file.name: file.read_bytes() for file in MINI.iterdir()})
    asked = ("--method", "zero_shot", "--backbone", "xlm-roberta-base", "--targets", "deu", "--data", "wikiann",
             "--set", "training.epochs=1")  # fmt: skip
    with Hub(made) as hub:
        here = {"HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1"}
        first = xlt("fetch", *asked, "--json", **here)
        assert first.returncode == 0, first.stderr
        told = json.loads(first.stdout)
        assert told["xlt"] == "fetch" and told["new"] == told["bytes"] > 1_000_000
        assert all(item["verified"] == item["files"] for item in told["items"])
        again = xlt("fetch", *asked, **here)
        assert again.returncode == 0 and "0.0 MB of it fetched now" in again.stdout
    done = xlt("run", *asked, "--offline", "--out", "a")
    assert done.returncode == 0, done.stderr
    assert "deu" in done.stdout and COMMIT in {path.name for path in tmp_path.rglob("snapshots/*")}
    scores = json.loads(Path("a/scores.json").read_text(encoding="utf-8"))
    assert scores["fetched"]["labels(deu, ner, test)"] == {
        "repository": "unimelb-nlp/wikiann", "revision": "main", "commit": COMMIT,
    }  # fmt: skip
    read = [json.loads(line) for line in Path("a/metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {event["commit"] for event in read if event["kind"] == "read"} == {COMMIT}
    answered = Path("a/predictions/deu-ner/test-deu.tsv").read_text(encoding="utf-8")
    assert answered.count("Anna\t") == 8, "what comes from the hub is no file of one's own"
