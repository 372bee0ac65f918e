"""The data doctor: what is put into data is found, and so is what is known of the published ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Run
from xlt_core.catalog import Catalog, load_catalog
from xlt_core.data.check.check import Report, Tokens, checked
from xlt_core.data.check.corpus import corpora
from xlt_core.data.check.essence import essence
from xlt_core.data.check.pieces import pieces_of
from xlt_core.data.check.scripts import expected, script_of
from xlt_core.model.load import tokenizer_of
from xlt_core.slots.backbones import MINI

DATA = Path(__file__).parents[3] / "shared" / "data"
shared_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data aren't here")
AMHARIC = ["አበበ", "በሶ", "በላ", "ዛሬ", "ጠዋት"]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def look(catalog: Catalog, path: Path, *against: Path, task: str | None = None) -> Report:
    others = [corpus for other in against for corpus in corpora(other, catalog, None, None)]
    return checked(corpora(path, catalog, task, None), None, others)


def ner(folder: Path, name: str, *sentences: str) -> Path:
    """A file of names: `Anna/B-PER sleeps/O`."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = ("".join(word.replace("/", "\t") + "\n" for word in one.split(" ")) for one in sentences)
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


CLEAN = ("Anna/B-PER Schmidt/I-PER sleeps/O soundly/O ./O", "She/O works/O in/O Berlin/B-LOC today/O ./O")


def test_clean_data_are_clean(catalog: Catalog, tmp_path: Path) -> None:
    ner(tmp_path, "eng/train.tsv", *CLEAN)
    ner(tmp_path, "eng/test.tsv", "Nobody/O here/O is/O in/O the/O other/O file/O")
    report = look(catalog, tmp_path)
    assert report.found == [] and [told["sentences"] for told in report.files] == [1, 2]


@pytest.mark.parametrize(
    ("check", "level", "line", "name", "text"),
    [
        ("reading", "error", 2, "eng/train.tsv", b"Anna\tB-PER\nsl\xe9eps\tO\n"),
        ("reading", "error", 2, "eng/train.tsv", b"Anna\tB-PER\nsleeps\n.\tO\n"),
        ("reading", "error", 1, "eng/train.tsv", b"Anna\tB-PER\nin\tO\nMay\tB-DATE\n"),
        ("reading", "warning", 1, "eng/train.tsv", b"Anna\tB-LOC\nSchmidt\tI-PER\n"),
        ("empty", "warning", 1, "eng/train.tsv", "Anna\tB-PER\n\u200e\tO\n".encode()),
        ("empty", "warning", 3, "eng/train.tsv", b"Anna\tB-PER\n\n---\tO\n"),
        ("empty", "error", 0, "eng/train.tsv", b""),
        ("script", "error", 0, "amh/train.tsv", b"Anna\tB-PER\nsleeps\tO\nsoundly\tO\n"),
    ],
)
def test_what_is_off_in_a_file_is_found_with_its_line(
    catalog: Catalog, tmp_path: Path, check: str, level: str, line: int, name: str, text: bytes
) -> None:
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_bytes(text)
    met = [(one.check, one.level, one.line) for one in look(catalog, tmp_path, task="ner").found]
    assert (check, level, line) in met, met


def test_a_sentence_in_another_script_is_a_warning_among_good_ones(catalog: Catalog, tmp_path: Path) -> None:
    amharic = " ".join(f"{word}/O" for word in AMHARIC)
    ner(tmp_path, "amh/train.tsv", amharic, "This/O isn't/O Amharic/O", " ".join([amharic, "ነው/O"]))
    (one,) = look(catalog, tmp_path).found
    assert (one.check, one.level, one.line) == ("script", "warning", 7) and "Latn" in one.what


def test_copies_are_found_whatever_their_signs_and_cases(catalog: Catalog, tmp_path: Path) -> None:
    train = ner(tmp_path, "eng/train.tsv", *CLEAN, "ANNA/B-PER Schmidt/B-LOC sleeps/O soundly/O !/O")
    ner(tmp_path, "eng/test.tsv", "“/O anna/B-PER Schmidt/I-PER sleeps/O soundly/O ”/O", "Yes/O")
    report = look(catalog, tmp_path)
    (leak,) = report.leaks
    assert (leak.count, len(leak.test.essences)) == (1, 1), "`Yes` is too short to be a copy"
    leakage, twice, otherwise = (
        next(one for one in report.found if one.check == name) for name in ("leakage", "duplicates", "contradictions")
    )
    assert leakage.level == "error" and f"{train}; this one is on its line 1" in leakage.what
    assert (twice.line, otherwise.line) == (14, 14)


def test_other_data_are_compared_with(catalog: Catalog, tmp_path: Path) -> None:
    ner(tmp_path, "one/eng/train.tsv", *CLEAN)
    ner(tmp_path, "two/eng/test.tsv", CLEAN[0])
    assert look(catalog, tmp_path / "two").leaks == []
    assert [leak.count for leak in look(catalog, tmp_path / "two", tmp_path / "one").leaks] == [1]
    assert [one.level for one in look(catalog, tmp_path / "one", tmp_path / "two").found] == ["warning"]


def test_labels_that_a_language_lacks_are_told_where_they_are_due(catalog: Catalog, tmp_path: Path) -> None:
    ner(tmp_path, "eng/train.tsv", *(f"Name{n}/B-PER sleeps/O" for n in range(100)))
    ner(tmp_path, "deu/train.tsv", *(f"Name{n}/B-LOC ruht/O" for n in range(100)))
    ner(tmp_path, "nld/train.tsv", "Vandaag/O regent/O")
    told = [one.what for one in look(catalog, tmp_path, task="ner").found if one.check == "labels"]
    assert told == ["no `LOC` in eng; it is in deu", "no `PER` in deu; it is in eng"]


def test_a_tokenizer_tells_its_pieces_and_what_it_does_not_know(catalog: Catalog, tmp_path: Path) -> None:
    ner(tmp_path, "eng/train.tsv", " ".join(["Anna/O"] * 200), "ꙮꙮꙮ/O")
    tokenizer = tokenizer_of(MINI)
    tokens = Tokens(pieces_of(tokenizer), tokenizer.num_special_tokens_to_add(), MINI.positions)
    report = checked(corpora(tmp_path, catalog, "ner", None), tokens)
    (told,) = report.files
    whole = [tokenizer([word], is_split_into_words=True, add_special_tokens=False)["input_ids"] for word in
             ["Anna"] * 200 + ["ꙮꙮꙮ"]]  # fmt: skip
    assert told["fertility"] == round(sum(map(len, whole)) / 201, 3)
    assert told["too_long"] == 1 and [one.line for one in report.found if one.check == "length"] == [1]
    assert (told["unknown"] > 0) == (tokenizer.unk_token_id in whole[-1])


WRITTEN = st.text(st.characters(categories=("Lu", "Ll", "Nd", "Po", "Zs"), max_codepoint=0xFF))


@given(WRITTEN)
def test_copies_that_differ_in_case_spaces_and_signs_are_one(text: str) -> None:
    bare = essence([text])
    assert bare == essence(text.split()) == essence([text.upper().lower()]) == essence([f"“{text}” ({text[:0]})."])
    assert not any(sign.isspace() or sign in ".,-!" for sign in bare)


def test_scripts_of_languages_are_those_of_their_letters() -> None:
    samples = {"amh": "አ", "khm": "ក", "tha": "ก", "kor": "한", "jpn": "か", "zho": "中", "ell": "λ", "hye": "հ",
               "kat": "ქ", "bod": "ཀ", "div": "ދ", "sat": "ᱟ", "ory": "ଅ", "urd": "ک"}  # fmt: skip
    for code, sign in samples.items():
        assert script_of(sign) in expected(code), code


def test_the_command_says_what_and_where_and_its_code_says_whether(xlt: Run, tmp_path: Path) -> None:
    for split in ("train", "dev", "test"):
        ner(tmp_path / "data", f"eng/{split}.tsv", *CLEAN)
    done = xlt("data", "check", str(tmp_path / "data"))
    assert done.returncode == 1
    assert "error: leakage (2)" in done.stdout and "eng/test.tsv:1: 2 of 2 distinct test" in done.stdout
    assert done.stdout.endswith("3 files, 2 errors, 1 warning\n")
    told = json.loads(xlt("data", "check", str(tmp_path / "data"), "--json").stdout)
    assert (told["xlt"], told["errors"], told["warnings"]) == ("check", 2, 1)
    nowhere = xlt("data", "check", str(tmp_path / "nowhere"))
    assert nowhere.returncode == 2 and "there is no such file or folder" in nowhere.stderr


# what is known of published data


@shared_data
def test_known_leaks_of_published_splits_are_found_with_these_very_numbers(catalog: Catalog, tmp_path: Path) -> None:
    panx = tmp_path / "full_updated_panx"
    panx.mkdir()
    for file in (DATA / "phonexl" / "full_updated_panx").glob("*-[vk][io].*"):
        (panx / file.name).symlink_to(file)

    def told(report: Report) -> dict[tuple[str, str, str], tuple[int, int]]:
        return {
            (leak.test.file.language, leak.test.file.split, leak.train.file.split): (
                leak.count, len(leak.test.essences),
            )
            for leak in report.leaks
        }  # fmt: skip

    found = told(look(catalog, panx))
    assert found["vie", "test", "train"] == (1_651, 7_530) and found["vie", "test", "dev"] == (1_117, 7_530)
    assert found["kor", "test", "dev"] == (170, 6_320)
    assert told(look(catalog, DATA / "ud" / "UD_Korean-GSD"))["kor", "test", "train"] == (141, 846)
    vietnamese = tmp_path / "full_updated_udpos"
    vietnamese.mkdir()
    (vietnamese / "dev-vi.tsv.gz").symlink_to(DATA / "phonexl" / "full_updated_udpos" / "dev-vi.tsv.gz")
    moved = look(catalog, DATA / "ud" / "UD_Vietnamese-VTB", vietnamese)
    assert (517, 780) in {(leak.count, len(leak.test.essences)) for leak in moved.leaks}


@shared_data
def test_corpora_that_share_texts_are_found(catalog: Catalog) -> None:
    report = look(catalog, DATA / "ner" / "masakhaner2" / "hau", DATA / "pos" / "masakhapos" / "hau")
    found = {
        (leak.test.corpus.split()[0], leak.test.file.split, leak.train.corpus.split()[0], leak.train.file.split): (
            leak.count, len(leak.test.essences),
        )
        for leak in report.leaks
    }  # fmt: skip
    assert found["masakhaner2", "test", "masakhaner2", "train"] == (202, 1_610)
    assert found["masakhaner2", "test", "masakhapos", "train"][0] == 695
    assert found["masakhapos", "test", "masakhaner2", "train"] == (160, 591)
