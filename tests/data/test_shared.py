"""Every folder of the shared data is read, and holds what its README states."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from xlt_core.catalog import Catalog, load_catalog, load_object
from xlt_core.data.checksums import known_sum, known_sums, sum_of
from xlt_core.data.folders import Folder
from xlt_core.data.layout import Found, found_in
from xlt_core.data.read import reader
from xlt_core.data.readers.labels import Told, settled
from xlt_core.data.readers.plain import pairs
from xlt_core.data.readers.source import Source
from xlt_core.data.sets import DataSet
from xlt_core.facts import Labels, Resource
from xlt_core.graph.stages import Offer
from xlt_core.slots.reading import LabelReader, Pairs
from xlt_core.slots.tasks import Task

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data aren't here")

LABELS = {
    "ud": {"dev": 13_818, "test": 24_000, "train": 34_291},
    "pos/masakhapos": {"train": 2_339, "dev": 466, "test": 1_867},
    "pos/transfer_corpus": {"train": 6_075 + 12_544, "dev": 909 + 2_001, "test": 680 + 2_077},
    "ner/masakhaner1": {"train": 7_942, "dev": 1_131, "test": 2_301},
    "ner/masakhaner2": {"train": 19_185, "dev": 2_741, "test": 5_480},
    "ner/uner": {"dev": 2_501, "test": 4_799, "train": 3_997},
    "ner/wikigold": {"train": 1_696},
    "ner/turku": {"train": 12_217, "dev": 1_364, "test": 1_555},
    "phonexl/full_updated_panx": {"dev": 40_000, "test": 30_000, "train": 20_000},
    "phonexl/full_updated_udpos": {
        "dev": 511 + 3_016 + 800 + 1_000, "test": 2_372 + 4_276 + 800 + 3_455, "train": 7_125 + 1_400,
    },
    "sib200": {"train": 44 * 701, "dev": 44 * 99, "test": 44 * 204},
    "nli/americasnli": {"dev": 3 * 743 + 658, "test": 4 * 750},
    "nli/myxnli": {"dev": 4 * 2_490, "test": 4 * 5_010},
    "nli/kornli": {"dev": 2_490, "test": 5_010},
    "nli/sick": {"train + dev + test": 9_840},
    "nli/ocnli": {"train": 10_000, "dev": 3_000},
    "absa/multibooked_ca": {"train": 1_174, "dev": 167, "test": 335},
    "absa/norec_fine": {"train": 8_634, "dev": 1_531, "test": 1_272},
    "absa/tsa-md": {"train": 761, "dev": 191},
}  # fmt: skip
"""Folder → sentences or pairs by split; of NLI those without an agreed label are among them."""
PREDICATES = {"eng": (4_977, 4_799), "fin": (1_477, 1_451), "ita": (1_009, 1_014)}
"""Language → examples of semantic roles in dev and test: one for each predicate."""
PARALLEL = {
    "tatoeba": 2 * (168 + 477 + 722 + 390 + 307 + 548 + 20 * 1_000),
    "parallel/nllb_seed": 8 * 6_193,
    "parallel/tico19": 12 * 3_071,
    "parallel/mafand": 2 * (899 + 1_037 + 3_098 + 1_300 + 1_500 + 6_644 + 1_544 + 1_558 + 1_791 + 1_835),
    "parallel/flores_v1": 2 * (2_378 + 2_309 + 2_898 + 2_766),
}
"""Folder → lines of all languages."""
GATITOS = {
    "ar-MA": 4_845, "arz": 4_214, "bo": 5_247, "lij": 4_031, "sa": 3_998, "gn": 3_991, "qu": 3_861, "ay": 3_996,
    "es": 3_997, "fr": 3_999, "hi": 3_987, "om": 4_001,
}  # fmt: skip


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def folder(name: str, catalog: Catalog) -> Folder:
    sets = [load_object(entry.card.declares) for entry in catalog.all("data")]
    return Folder(name, DATA / name, [one for one in sets if isinstance(one, DataSet)])


def labelled(found: Found, within: Folder, catalog: Catalog) -> tuple[int, Told]:
    """How many examples a file has, those left out by their label among them; nothing in it is off."""
    assert within.known is not None, f"{within.name} isn't known"
    task: Task = load_object(catalog.get("task", within.known.gives.partition(":")[2]).card.declares)
    code = found.languages[0].code
    options, work = reader(catalog, within.reading(found, code))
    assert isinstance(options, LabelReader)
    source, told = Source(found.file, (code,), found.split, task), Told()
    rows = settled(source, work(source, options), options, told)
    assert [str(one.problem()) for one in source.findings.mistakes[:3]] == []
    for row in rows:
        assert len(row.tags) == (len(row.words) if task.unit in ("span", "word") else 1), row.id
    return len(rows) + told.left_out, told


def plain(found: Found, catalog: Catalog) -> int:
    """How many rows a file of one language, or a table of two, has."""
    told = found.layout.reading if found.side is None and len(found.languages) == 2 else {"use": "lines"}
    options, work = reader(catalog, told)
    source = Source(found.file, tuple(own.code for own in found.languages))
    count = sum(1 for _ in work(source, options))
    assert source.findings.mistakes == []
    return count


def test_every_folder_holds_what_its_readme_states(catalog: Catalog) -> None:
    read: set[Path] = set()
    for name, expected in LABELS.items():
        within = folder(name, catalog)
        held: Counter[str] = Counter()
        for found in within.found:
            if found.layout.kind == "labels":
                held[found.split] += labelled(found, within, catalog)[0]
            read.add(found.file)
        stated = {" + ".join(expected): sum(expected.values())} if name == "nli/sick" else expected
        assert stated == ({"train + dev + test": held.total()} if name == "nli/sick" else dict(held)), name

    within = folder("srl", catalog)
    roles: dict[str, dict[str, int]] = {}
    for found in within.found:
        roles.setdefault(found.languages[0].code, {})[found.split] = labelled(found, within, catalog)[0]
        read.add(found.file)
    assert {code: (roles[code]["dev"], roles[code]["test"]) for code in PREDICATES} == PREDICATES
    assert roles.keys() == {"eng", "fin", "ita", "zho"}

    for name, lines in PARALLEL.items():
        within = folder(name, catalog)
        held_here = {found.file: plain(found, catalog) for found in within.found if found.layout.kind == "parallel"}
        assert sum(held_here.values()) == lines, name
        read |= held_here.keys()

    within = folder("dict/gatitos", catalog)
    rows = {found.file.name.split(".")[0].removeprefix("en_"): plain(found, catalog) for found in within.found}
    assert rows == GATITOS
    terms = {found.file.name: plain(found, catalog) for found in folder("dict/tico19", catalog).found}
    assert len(terms) == 62
    assert {304 <= count <= 337 for name, count in terms.items() if name.startswith("g_")} == {True}
    assert {306 <= count <= 612 for name, count in terms.items() if name.startswith("f_")} == {True}
    within = folder("dict/phonexl", catalog)
    options, work = reader(catalog, {"use": "phonexl.bidict4", "unique": False})
    held_rows = {one.file.name: sum(1 for _ in work(Source(one.file, ("a", "b")), options)) for one in within.found}
    assert held_rows == {"ja-ko-dict.txt.gz": 21_424, "zh-vi-dict.txt.gz": 26_620}

    within = folder("mono", catalog)
    assert (len(within.found), sum(plain(found, catalog) for found in within.found)) == (46, 344_092)


VERSIONED = ("universal_dependencies", "tico19")
"""Sets without one release: their files differ from version to version, or are made here."""


def test_every_file_of_a_known_set_is_the_one_that_was_released(catalog: Catalog) -> None:
    """Both ways: each file has a checksum, which is its own, and each checksum is a file's."""
    sets = [one for one in (load_object(e.card.declares) for e in catalog.all("data")) if isinstance(one, DataSet)]
    met: dict[str, set[str]] = {}
    for inner in [path for path in DATA.rglob("*") if path.is_dir()]:
        for one in sets:
            if one.is_called(inner) and one.name not in VERSIONED:
                for found in found_in(inner, one.layouts):
                    checksum = known_sum(one, found.file)
                    assert checksum, found.file
                    if checksum not in met.setdefault(one.name, set()):
                        assert sum_of(found.file) == checksum
                    met[one.name].add(checksum)
    assert met == {one.name: {*known_sums(one).values()} for one in sets if known_sums(one)}
    assert sum(map(len, met.values())) > 380


def test_word_lists_with_sounds_are_tables_of_two_columns() -> None:
    stated = re.search(r"amh_ethi_broad 378;.*?grn_latn_broad 213", (DATA / "README.md").read_text(encoding="utf-8"))
    assert stated is not None
    counts = {name: int(count.replace(",", "")) for name, count in re.findall(r"(\w+) ([0-9,]+)", stated[0])}
    for name, count in counts.items():
        (file,) = (DATA / "ipa" / "wikipron").glob(f"{name}.tsv*")
        source = Source(file, (name[:3], "ipa"))
        assert sum(1 for _ in pairs(source, Pairs(separator="tab"))) == count
        assert list(source.findings) == []
    assert len(counts) == 28


def test_each_treebank_has_the_sentences_and_words_that_are_stated(catalog: Catalog) -> None:
    rows = re.findall(
        r"^\| `(UD_[\w-]+)` \| (\w+),.*?\| ([^|]*) \| ([^|]*) \| ([^|]*) \| [^|]*\|$",
        (DATA / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert len(rows) == 38
    stated = {
        (name, split): int(cell.split()[0].replace(",", ""))
        for name, _, *cells in rows
        for split, cell in zip(("train", "dev", "test"), cells, strict=True)
        if cell != "-"
    }
    within = folder("ud", catalog)
    assert {(found.file.parent.name, found.split) for found in within.found} == stated.keys()
    small = {key for key, count in stated.items() if count < 500}
    for found in within.found:
        if (key := (found.file.parent.name, found.split)) in small:
            assert labelled(found, within, catalog)[0] == stated[key], key


def test_what_the_readme_warns_of_is_met_and_told(catalog: Catalog) -> None:
    def told(name: str, language: str, split: str) -> Told:
        within = folder(name, catalog)
        (found,) = [
            o for o in within.found if (o.languages[0].code, o.split, o.layout.kind) == (language, split, "labels")
        ]
        return labelled(found, within, catalog)[1]

    assert told("ud/UD_Chinese-GSD", "zho", "train").renamed == {"CONJ → CCONJ": 1_385}
    wikigold = told("ner/wikigold", "eng", "train")
    assert wikigold.scheme == "io" and wikigold.renamed == {"MISC → O": 712}
    assert told("nli/ocnli", "zho", "dev").left_out == 50
    assert told("ner/masakhaner1/hau", "hau", "dev").renamed["DATE → O"] > 0
    assert 400 < told("phonexl/full_updated_panx", "jpn", "dev").broken < 800
    assert told("nli/sick", "eng", "train").renamed.keys() == {
        f"{label.upper()} → {label}" for label in ("neutral", "entailment", "contradiction")
    }


def test_languages_are_found_by_any_of_their_codes(catalog: Catalog) -> None:
    def file(name: str, fact: Labels | Resource, reader: str = "") -> str:
        offer = folder(name, catalog).offer(fact, reader)
        assert isinstance(offer, Offer), offer
        return " + ".join(Path(one).name for one in (offer.location, *offer.beside))

    assert file("ner/masakhaner2", Labels("ner", "swh", "test")) == "test.txt.gz"
    assert file("nli/americasnli", Labels("nli", "grn", "dev")) == "gn.tsv.gz"
    assert file("sib200", Labels("topic", "zho", "dev")).startswith("dev.tsv")
    assert file("tatoeba", Resource("parallel", "eng-zho")) == "tatoeba.cmn-eng.eng + tatoeba.cmn-eng.cmn"
    assert file("parallel/tico19", Resource("parallel", "som-eng")) == "eng-som.tsv.gz"
    assert file("parallel/nllb_seed", Resource("parallel", "lij-grn-ita")).startswith("lij_Latn.txt.gz + grn_Latn")
    assert file("dict/gatitos", Resource("dictionary", "hin-eng")) == "en_hi.tsv.gz"
    assert file("dict/gatitos", Resource("dictionary", "ary-arz"), "through") == "en_ar-MA.tsv.gz + en_arz.tsv.gz"
    assert file("dict/phonexl", Resource("dictionary", "zho-vie")) == "zh-vi-dict.txt.gz"
    assert folder("dict/phonexl", catalog).offer(Resource("dictionary", "vie-zho")) is None, "its columns have an order"
    simplified = folder("sib200", catalog).offer(Labels("topic", "zho", "dev"))
    assert isinstance(simplified, Offer) and "zho_Hans" in simplified.location
    assert not isinstance(folder("ud", catalog).offer(Labels("pos", "eng", "train")), Offer), "four treebanks"
