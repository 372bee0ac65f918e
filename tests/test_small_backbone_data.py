"""What the small backbone learns from holds nothing that it is tested on."""

from __future__ import annotations

import gzip
import importlib.util
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parents[1]
CORPORA = HERE.parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="../shared/data is not here: open corpora can't be read")


def example(name: str) -> ModuleType:
    folder = HERE / "examples" / "small_backbone"
    sys.path.insert(0, str(folder))  # one of the scripts reads the other
    try:
        spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("texts")
    example("data").main(CORPORA, folder)
    return folder


def bare(text: str) -> str:
    """Letters and digits alone."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def secrets() -> Iterator[str]:
    """The sentences of the test parts on which the benchmark scores."""
    for file in (*CORPORA.glob("sib200/*/test.tsv*"), *CORPORA.glob("ud/*/*-test.conllu*")):
        packed = file.read_bytes()
        for line in (gzip.decompress(packed) if file.suffix == ".gz" else packed).decode().split("\n"):
            if line.startswith("# text = "):
                yield line.removeprefix("# text = ")
            elif file.name.startswith("test.tsv") and line.count("\t") == 2:
                yield line.split("\t")[2]


def test_no_tested_sentence_is_learnt_from(texts: Path) -> None:
    secret = {own for own in map(bare, secrets()) if len(own) >= 20}
    assert len(secret) > 20_000
    leaked = []
    for file in texts.iterdir():
        for line in file.read_text(encoding="utf-8").split("\n"):
            leaked += [cell for cell in line.split("\t") if bare(cell) in secret]
    assert leaked == []


def test_translations_stand_in_their_columns(texts: Path) -> None:
    (table,) = texts.glob("*-*.tsv")
    languages = table.stem.split("-")
    rows = [line.split("\t") for line in table.read_text(encoding="utf-8").split("\n") if line]
    assert {len(row) for row in rows} == {24} == {len(languages)}
    assert sum(all(row) for row in rows) > 400
    red = next(dict(zip(languages, row, strict=True)) for row in rows if row[0] == "red")
    assert (red["fra"], red["spa"]) == ("rouge", "rojo")


def test_words_are_switched_by_what_translations_say() -> None:
    mix = example("mix")
    mix.LANGUAGES, mix.UNSPACED = ("eng", "fra", "spa"), {}
    words = mix.Words(None)
    table = [("red house", "maison rouge", ""), ("red", "rouge", "rojo"), ("house", "maison", "casa")] * 3
    known = mix.dictionary(words, table)
    assert known["eng red"] == {"fra": "rouge", "spa": "rojo"}
    assert known["fra maison"] == {"eng": "house", "spa": "casa"}
    mix.SHARE = 1.0
    drawn = {mix.switched("The Red house!", "eng", words, known, mix.Random(n)) for n in range(40)}
    assert drawn == {f"The {red} {house}!" for red in ("Rouge", "Rojo") for house in ("maison", "casa")}
