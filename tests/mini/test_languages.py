"""Every language of the mini world: its words carry their labels, say all that is meant, and can be read aloud."""

from __future__ import annotations

import gzip
import re
import unicodedata
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path

import pytest

from xlt_core.mini import LANGUAGES
from xlt_core.mini.lexicon import concepts, entries
from xlt_core.mini.meaning import Meaning, meanings
from xlt_core.mini.sound.base import Sound, is_mark
from xlt_core.mini.world import Sentence, say

DATA = Path(__file__).parents[3] / "shared" / "data"
UPOS = {
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "VERB", "SCONJ",
}  # fmt: skip
UNSPACED = ("zho", "jpn", "khm", "mya")


@cache
def sample(language: str) -> list[tuple[Meaning, Sentence]]:
    """Plain text and test sentences: names that are kept for the test are met too."""
    drawn = [*islice(meanings("text", 3), 2500), *islice(meanings("test", 3), 2500)]
    return [(meaning, say(meaning, language)) for meaning in drawn]


def sound_of(language: str) -> Sound:
    sound: Sound = import_module(f"xlt_core.mini.sound.{language}").SOUND()
    return sound


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lexicon_is_whole(language: str) -> None:
    missing = sorted(set(concepts()) - set(entries(language)))
    assert not missing, f"not in {language}.ini: {' '.join(missing)}"
    unknown = sorted(set(entries(language)) - set(concepts()))
    assert not unknown, f"in {language}.ini but no concept: {' '.join(unknown)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_cover_tokens(language: str) -> None:
    for _, row in sample(language):
        lengths = {len(row.words), len(row.ner), len(row.upos), len(row.of), len(row.labels.aspects)}
        assert lengths | {len(row.labels.roles)} == {len(row.words)}
        assert set(row.upos) <= UPOS, (row.text, set(row.upos) - UPOS)
        assert all(word and not any(mark.isspace() for mark in word) for word in row.words), row.words


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_is_meant_is_said(language: str) -> None:
    for meaning, row in sample(language):
        due = {f"{slot}/{concept}" for slot, filler in meaning.slots.items() for concept in filler}
        assert due <= set(row.of), f"{row.text}: not said: {due - set(row.of)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_whole_spans(language: str) -> None:
    for meaning, row in sample(language):
        before = "O"
        for tag in row.ner:
            assert not tag.startswith("I-") or before[2:] == tag[2:], (row.words, row.ner)
            before = tag
        spans = sorted(tag[2:] for tag in row.ner if tag.startswith("B-"))
        kinds = {"given": "PER", "place": "LOC", "org": "ORG"}
        due = sorted(kinds[kind] for filler in meaning.slots.values() if (kind := filler[0].partition(".")[0]) in kinds)
        assert spans == due, (row.text, spans, due)


@pytest.mark.parametrize("language", LANGUAGES)
def test_aspects_are_one_span_each(language: str) -> None:
    for meaning, row in sample(language):
        spans = [tag for tag in row.labels.aspects if tag.startswith("B-")]
        assert len(spans) == sum(slot in meaning.slots for slot in ("aspect", "other"))
        for before, tag in zip(("O", *row.labels.aspects), row.labels.aspects, strict=False):
            assert not tag.startswith("I-") or before[2:] == tag[2:], (row.words, row.labels.aspects)


@pytest.mark.parametrize("language", LANGUAGES)
def test_deeds_have_a_predicate_with_roles(language: str) -> None:
    for meaning, row in sample(language):
        if "do" not in meaning.slots:
            continue
        assert row.labels.predicate is not None, (row.words, row.upos)
        assert row.upos[row.labels.predicate] == "VERB"
        assert len([role for role in row.labels.roles if role != "O"]) >= 2, (row.words, row.labels.roles)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_is_its_words(language: str) -> None:
    for _, row in sample(language):
        assert row.text.replace(" ", "") == "".join(row.words)
        assert "  " not in row.text and " ." not in row.text
        if language in UNSPACED:
            assert " " not in row.text or language == "khm"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_can_be_read_aloud(language: str) -> None:
    sound = sound_of(language)
    for word in sorted({word for _, row in sample(language) for word in row.words}):
        if is_mark(word):
            assert sound.ipa(word) == word and sound.latin(word).isascii(), word
            continue
        spoken, latin = sound.ipa(word), sound.latin(word)
        assert spoken and not any(mark.isspace() or mark.isdigit() or mark.isupper() for mark in spoken), (word, spoken)
        assert latin.isascii() and latin.replace("'", "").replace("-", "").isalnum(), (word, latin)


# What was measured, a little rounded down: the mean likeness (1 - edits / length) of our transcriptions to those
# of WikiPron, over the words that both have.
LIKENESS = {
    "eng": 94, "ara": 97, "jpn": 92, "vie": 99, "kor": 98, "tur": 89, "ell": 97, "heb": 88, "fas": 80, "hin": 99,
    "urd": 96, "swh": 91, "amh": 95, "khm": 98, "mya": 98, "tam": 99,
}  # fmt: skip
WIKIPRON = {
    "eng": "eng_latn_us_broad_filtered", "ara": "ara_arab_broad", "jpn": "jpn_hira_narrow_filtered",
    "vie": "vie_latn_hanoi_narrow_filtered", "kor": "kor_hang_narrow_filtered", "tur": "tur_latn_broad",
    "ell": "ell_grek_broad_filtered", "heb": "heb_hebr_broad", "fas": "fas_arab_narrow",
    "hin": "hin_deva_broad_filtered", "urd": "urd_arab_broad", "swh": "swa_latn_broad", "amh": "amh_ethi_broad",
    "khm": "khm_khmr_broad_filtered", "mya": "mya_mymr_broad_filtered",
    "tam": "tam_taml_broad",
}  # fmt: skip


def pronunciations(language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    stem = DATA / "ipa" / "wikipron" / WIKIPRON[language]
    file = stem.with_suffix(".tsv")
    text = file.read_text("utf-8") if file.is_file() else gzip.decompress(Path(f"{file}.gz").read_bytes()).decode()
    for line in text.splitlines():
        word, _, spoken = line.partition("\t")
        found.setdefault(word, []).append(spoken)
    return found


def plain(spoken: str) -> str:
    """Letters of IPA alone: without ties, syllable marks and the like, which the sources set differently."""
    decomposed = unicodedata.normalize("NFD", spoken)
    return re.sub(r"[\s͡.ˈˌ̯͜‿̩̚]", "", decomposed)


def edits(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def likeness(language: str) -> tuple[float, int, list[tuple[float, str, str, str]]]:
    """Mean likeness in percent, how many words both have, and each word with ours and the nearest of theirs."""
    sound, theirs = sound_of(language), pronunciations(language)
    rows = []
    for word in sorted({word for _, row in sample(language) for word in row.words}):
        known = theirs.get(word) or theirs.get(word.lower())
        if not known or is_mark(word):
            continue
        ours = plain(sound.ipa(word))
        near = min(known, key=lambda spoken: edits(ours, plain(spoken)))
        rows.append((1 - edits(ours, plain(near)) / max(len(ours), len(plain(near))), word, ours, plain(near)))
    return 100 * sum(row[0] for row in rows) / max(len(rows), 1), len(rows), sorted(rows)


@pytest.mark.skipif(not DATA.is_dir(), reason="the open corpora (../shared/data) are not beside the project")
@pytest.mark.parametrize("language", sorted(LIKENESS))
def test_words_sound_as_others_heard_them(language: str) -> None:
    share, both, rows = likeness(language)
    assert both >= 20
    assert share >= LIKENESS[language], f"{share:.1f}% over {both} words; farthest: {rows[:10]}"
