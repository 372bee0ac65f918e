"""Each part by itself: what others can use it for, on any backbone, in any language."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from xlt_phonexl.dictionary import dictionaries
from xlt_phonexl.extending import extended, unknown_to
from xlt_phonexl.symbols import SYMBOLS

from plugins.phonexl.tests.small import Letters, pieces, row
from tests.model.test_backbone import tiny
from tests.model.test_tokens import MADE, ids
from xlt_core import plan, run
from xlt_core.data.encode import collate
from xlt_core.data.records import OTHER
from xlt_core.data.streams import StreamReader
from xlt_core.engine import first_rows
from xlt_core.engine.channels import LanguageVectors, Reading
from xlt_core.engine.net import Net
from xlt_core.errors import RefusedError, UnavailableError
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.tokens import probe

SHORT = ["training.steps=3", "training.epochs=1", "training.batch=4", "training.select.keep=last"]
MINI: dict[str, Any] = {"backbone": "mini", "task": "ner", "data": "mini"}
NEEDED = "˥˧˩ŋʂɕʰʊɤɑɪʈɛɨɔəɥœɻʐɯɲɣʔɹʃæʒʌθðɡ\u0361\u0329\u0306ă"
"""What the released files use most, and what is in neither of the charts that came with them."""


# vocabulary and tables


def test_the_phoneme_table_begins_near_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """Xavier over mBERT's pieces: a bound of .0070619, a spread of .00408."""
    start = SimpleNamespace(size=119_547, deviation=0.02, tables=lambda: {"rows": torch.empty(1, 768)})
    monkeypatch.setattr(first_rows.Start, "of", classmethod(lambda cls, job: start))
    found: dict[str, torch.Tensor] = {}
    monkeypatch.setattr(first_rows, "write_rows", lambda out, **rows: found.update(rows))
    stage = SimpleNamespace(seed=1, languages=(), channel="phonemes", options={"init": "xavier_uniform"})
    first_rows.random(SimpleNamespace(stage=stage, out=Path()))  # type: ignore[arg-type]
    assert found["rows"].shape == (119_547, 768) and float(found["rows"].abs().max()) <= 0.0070619
    assert float(found["rows"].std()) == pytest.approx(0.00408, rel=0.02)


@pytest.mark.parametrize("kind", ["unigram", "mapped", "wordpiece", "roberta"])
def test_the_extended_tokenizer_knows_ipa_and_reads_spelling_as_before(kind: str) -> None:
    before = MADE[kind]()
    made, refused = extended(before, unknown_to(before, SYMBOLS))
    assert not refused and not unknown_to(made.tokenizer, (*SYMBOLS, *NEEDED))
    asked = {name: text for name, text in probe().items() if not any(symbol in text for symbol in made.new)}
    assert len(asked) > 20
    assert all(ids(made.tokenizer, text) == ids(before, text) for text in asked.values())


def test_phonemes_share_the_spellings_tokenizer_or_have_one_of_their_own() -> None:
    def tokenizers(*edits: str, drop: tuple[str, ...] = ()) -> list[str]:
        return [stage.id for stage in plan(method="phonexl", **MINI, set=edits, drop=drop).of("tokenizer")]

    both = [f"vocabulary.{role}.phonemes.tokenizer_for=own" for role in ("source", "target")]
    rows = ("embedding.source.text", "embedding.target.text")
    assert tokenizers() == ["tokenizer(shared, text+phonemes)"]
    assert tokenizers(*both, drop=rows) == ["tokenizer(shared, phonemes)"]
    own = ("vocabulary.target.text=unibridge.alp_search", "embedding.target.text=unibridge.aligned")
    assert set(tokenizers(*own, drop=rows[:1])) == {"tokenizer(vie)", "tokenizer(shared, phonemes)"}


# representation


def test_any_number_of_streams_and_languages_is_summed() -> None:
    torch.manual_seed(0)
    model = Net(BackboneModel(tiny("bert").model, Letters())).eval()
    model.reading_as = Reading(("phonemes", "latin", "glyphs"), "auto")
    for channel in model.channels:
        model.tables.rows[f"shared:{channel}"] = torch.nn.Parameter(torch.randn(60, 16))
    model.language_ids = LanguageVectors.drawn(16, ["vie", "amh", "khm"], ["zho", "rus"], "target", 0)
    reader = StreamReader(Letters(), {channel: Letters() for channel in model.channels}, 64)
    said = {"phonemes": ("xy", "z"), "latin": ("q", "rst"), "glyphs": ("u", "vw")}
    for language in ("zho", "rus", "vie", "amh", "khm"):
        one = row("ab c", "xy z", language=language)
        one = type(one)(one.id, language, one.words, one.tags, forms=tuple(said.items()))
        batch = collate(reader.stretches([one]), 0)
        wanted = model.vectors(batch) + model.language_ids.rows[language]
        for channel, words in said.items():
            rows = model.tables.rows[f"shared:{channel}"]
            own = [rows[[Letters().ids[letter] for letter in word]].mean(0) for word in words]
            wanted = wanted + torch.stack([rows[3], *own, rows[4]])
        torch.testing.assert_close(model.summed(batch), wanted)


@pytest.mark.parametrize("kind", ["bert", "roberta", "xlm-roberta", "mbart", "gpt2"])
def test_any_backbone_with_a_table_reads_words_of_streams(kind: str) -> None:
    """With nothing in the phonemes' table it reads words as it reads pieces, where each word is one piece."""
    model = Net(BackboneModel(tiny(kind).model, Letters())).eval()
    model.reading_as = Reading(("phonemes",), "")
    model.tables.rows["shared:phonemes"] = torch.nn.Parameter(torch.zeros(60, 16))
    batch = collate(pieces(model, [row("a b c", "xy z w"), row("d e", "x y")]), model.backbone.config.pad_token_id or 0)
    there = batch.attention.bool()
    with torch.no_grad():
        units = model.states(batch, frozenset({"last"}))["last"]
        plain = model.backbone.states(batch.ids, batch.attention)["last"]
        torch.testing.assert_close(units[there], plain[there], atol=1e-5, rtol=1e-5)
        model.tables.rows["shared:phonemes"].add_(torch.randn(60, 16))
        assert not torch.allclose(model.states(batch, frozenset({"last"}))["last"][there], plain[there], atol=1e-2)


# in other methods, and in other languages

IPA = ["rewriting.phonemes=mini_ipa"]
CHANNEL = ["representation.text=phonexl.phonemic"]
OTHERS: dict[str, dict[str, Any]] = {
    "words of three streams, from two languages to three": {
        "method": "zero_shot", "sources": "rus,eng", "targets": "tur,amh,khm",
        "set": ["representation.text={use: phonexl.phonemic, streams: [phonemes, latin]}", "rewriting.latin=mini_latin",
                *IPA],
    },
    "the transcriber": {
        "method": "zero_shot", "sources": "rus", "targets": "tur",
        "set": [*CHANNEL, "rewriting.phonemes=phonexl.transcriber"],
    },
    "switched words, none of the channel": {
        "method": "zero_shot", "sources": "rus", "targets": "tur", "set": ["representation=words"],
        "add": ["training.losses.phonexl.switched_task=1"],
    },
    "masked words, none of the channel": {
        "method": "zero_shot", "sources": "hin", "targets": "urd", "set": ["representation=words"],
        "add": ["training.losses.phonexl.mlm=0.1", "training.losses.phonexl.xmlm=0.1"],
    },
    "aligned with the Latin form": {
        "method": "zero_shot", "sources": "rus", "targets": "tur",
        "set": ["representation.text={use: phonexl.phonemic, streams: [latin], language_ids: false}",
                "rewriting.latin=mini_latin"],
        "add": ["training.losses.phonexl.align={weight: 0.1, streams_compared: [text, latin], negatives: batch}"],
    },
    "nothing in the channel": {
        "method": "phonexl", "preset": "mini", "set": ["rewriting.phonemes=blank"],
    },
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_the_parts_serve_other_methods_and_languages(name: str) -> None:
    asked = OTHERS[name]
    if name == "the transcriber":
        pytest.importorskip("epitran", reason="Epitran isn't installed: pip install 'xlt-phonexl[transcribers]'")
    made = run(**MINI, **{**asked, "set": [*SHORT, *asked["set"]]}, out="others")
    targets = asked.get("targets", "vie").split(",")
    assert [score["target"] for score in made.scores["scores"]] == targets
    events = [json.loads(line) for line in (made.path / "metrics.jsonl").read_text("utf-8").splitlines()]
    steps = [event for event in events if event.get("kind") == "step"]
    wanted = {"task", *(edit.split("=")[0].removeprefix("training.losses.") for edit in asked.get("add", []))}
    assert steps and all(set(event) >= wanted for event in steps)


def test_answers_hang_on_no_dictionary_and_no_mask() -> None:
    made = plan(method="phonexl", backbone="mini")
    (predict,) = made.of("predict")
    assert not any("dictionary" in need for need in predict.needs)
    assert "mask" not in json.dumps(predict.options) and predict.seed is None


# the switcher


def test_a_dictionary_that_hardly_has_a_word_of_the_text_is_warned_of(tmp_path: Path) -> None:
    """Sentences are cut into characters, say, and the dictionary has whole words."""
    file = tmp_path / "dict"
    file.write_text("没有这个词\tx\tkhông\ty\n", encoding="utf-8")
    only = ["training.losses.phonexl.align", "training.losses.phonexl.mlm"]
    made = run(
        method="phonexl", backbone="mini", set=SHORT, drop=only, resources={"dictionary:zho-vie": str(file)}, out="a"
    )
    events = [json.loads(line) for line in (made.path / "metrics.jsonl").read_text("utf-8").splitlines()]
    (told,) = [event for event in events if event.get("kind") == "switch"]
    assert (told["coverage"], told["effective_switch_rate"]) == (0.0, 0.0)
    assert any("too few to learn from" in str(event.get("text")) for event in events)
    assert any("language vector of zho" in str(event.get("text")) for event in events)


def test_alternatives_that_stand_twice_count_once(tmp_path: Path) -> None:
    """Also where a reader keeps them: each distinct translation is as likely as any other."""
    (tmp_path / OTHER).write_text("a\tx\tmột\ty\na\tx\tmột\ty\na\tx\thai\tz\nb\tx\thai\tz\n", encoding="utf-8")
    inputs = {"resource dictionary:zho-vie": tmp_path}
    named = lambda start: {fact: folder for fact, folder in inputs.items() if fact.startswith(start)}  # noqa: E731
    found = dictionaries(SimpleNamespace(inputs_named=named), "word")["zho"]  # type: ignore[arg-type]
    assert [one.word for one in found.of["a"]] == ["một", "hai"] and len(found.of["b"]) == 1
    assert found.coverage([["a", "c"], ["b", "c"]]) == 0.5


# what is refused


def test_a_language_without_a_transcriber_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from xlt_phonexl import transcription

    from xlt_core.slots import rewriting

    asked = {**MINI, "method": "zero_shot", "set": [*CHANNEL, "rewriting.phonemes=phonexl.transcriber"]}
    with pytest.raises(RefusedError, match=r"(?s)it can't transcribe bod.*another transcriber: xlt list"):
        plan(**{**asked, "data": None}, sources="eng", targets="bod")
    for module in (rewriting, transcription):
        monkeypatch.setattr(module, "installed", lambda name: False)
    with pytest.raises(UnavailableError, match=r"pip install 'xlt-phonexl\[transcribers\]'"):
        run(**asked, sources="rus", targets="tur")
    assert not Path("runs").exists()


@pytest.mark.parametrize(("edits", "reason"), [
    (["representation.text.pool_stage=output"], "pool_stage: output"),
    (["representation=words"], "reads stream `phonemes` of view `text`, which sums text"),
])  # fmt: skip
def test_what_does_not_go_together_is_told(edits: list[str], reason: str) -> None:
    try:
        made = plan(method="phonexl", backbone="mini", set=edits)
    except RefusedError as error:
        assert reason in error.text()
    else:
        assert reason in json.dumps([stage.details.get("unbuilt") for stage in made])
