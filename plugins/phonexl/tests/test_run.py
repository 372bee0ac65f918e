"""PhoneXL from beginning to end in the mini world: its own run, its ablations, and its channel in others' runs."""

from __future__ import annotations

import json
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file
from xlt_phonexl.extending import unknown_to
from xlt_phonexl.symbols import SYMBOLS

from xlt_core import run
from xlt_core.api import request
from xlt_core.compose.compose import compose
from xlt_core.config.variants import ablations_of, variants
from xlt_core.graph.store import Store
from xlt_core.mini.bitext import dictionary
from xlt_core.mini.sound import sound_of
from xlt_core.model.rows import read_tokenizer
from xlt_core.rewriting.stage import WORDS

SHORT = ["training.steps=3", "training.epochs=1", "training.batch=4", "training.select.keep=last"]
OWN = {"method": "phonexl", "backbone": "mini"}
UNIBRIDGE = [
    "vocabulary.target.text={use: unibridge.alp_search, start: 300, step: 100, largest: 500, words: 16}",
    "embedding.target.text={use: unibridge.aligned, words: 16, dim: 16, epochs: 2, buckets: 3000, threads: 1}",
]  # fmt: skip


def test_from_text_to_answers_with_every_loss() -> None:
    made = run(**OWN, set=SHORT, out="whole")
    store = Store.at(None)
    stages = {record["stage"]: store.path(record["key"]) for record in made.scores["stages"]}
    trained = stages["train(zho, ner)"]
    begun = load_file(stages["embedding(shared, phonemes)"] / "rows.safetensors")["rows"]
    assert begun.abs().max() <= (6 / sum(begun.shape)) ** 0.5
    assert not begun.equal(load_file(trained / "channel.shared.phonemes.safetensors")["rows"])
    words = load_file(stages["embedding(shared)"] / "rows.safetensors")["rows"]
    assert not words.equal(load_file(trained / "rows.shared.text+phonemes.safetensors")["words"])
    about = json.loads((trained / "language_ids.json").read_text("utf-8"))
    assert about["sources"] == ["zho"] and set(about["learnt"]) == {"zho", "vie"}
    assert set(load_file(trained / "loss-phonexl.align.safetensors")) == {"temperature"}
    events = [json.loads(line) for line in (Path(made.path) / "metrics.jsonl").read_text("utf-8").splitlines()]
    (switched,) = [event for event in events if event.get("kind") == "switch"]
    assert switched["effective_switch_rate"] == pytest.approx(0.4 * switched["coverage"]) and switched["coverage"] > 0.2
    tokenizer = read_tokenizer(stages["tokenizer(shared, text+phonemes)"])
    assert not unknown_to(tokenizer, [*SYMBOLS, *"˥˧˩ŋʂɕʰʊɤɑɪʈɛɨɔəɥœɻʐɯɲɣʔɹʃæʒʌθðɡă"])
    assert made.scores["scores"][0]["examples"] == 300


def test_models_of_several_sources_answer_with_their_own_tables() -> None:
    none = [f"training.losses.phonexl.{name}" for name in ("align", "mlm", "xmlm")]
    edits = [*SHORT, "training.models=one_per_source", "inference=uniform"]
    made = run(**OWN, sources="zho,eng", set=edits, drop=none, out="two")
    assert made.scores["scores"][0]["examples"] == 300


@pytest.mark.parametrize("name", ["backbone", "phonemes_old_vocabulary", "phonemes", "no_language_ids", "romanised"])
def test_ablations_run(name: str, shared: Path) -> None:
    made = ablated(name, shared)
    assert made.scores["scores"][0]["examples"] == 300


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of all ablations: what does not differ is made once."""
    return tmp_path_factory.mktemp("store")


def ablated(name: str, store: Path) -> Any:
    change = ablations_of("phonexl", request(**OWN))[name]
    edits = {verb: [edit for kind, edit in change.edits if kind == verb] for verb in ("set", "drop")}
    return run(**OWN, set=[*SHORT, *edits["set"]], drop=edits["drop"], out=name, store=str(store))


@pytest.mark.parametrize("asked", [{"data": "mini"}, {"backbone": "mini"}])
def test_every_ablation_is_planned(asked: dict[str, str]) -> None:
    made = variants(request(method="phonexl", **asked), "all", [])
    assert {one.name for one in made} >= {"full", "align", "mlm", "xmlm", "romanised", "shuffled_phonemes"}
    assert all(compose(one.config).of("train") for one in made)


def test_with_shuffled_phonemes_no_word_sounds_like_itself_and_no_translation_alike(shared: Path) -> None:
    """The control: in all corpora of a language a word has the same other word's phonemes, and all are given."""
    store = Store.at(shared)
    found: dict[str, dict[str, str]] = {"zho": {}, "vie": {}}
    for record in ablated("shuffled_phonemes", shared).scores["stages"]:
        if record["stage"].startswith("rewrite("):
            own = found[record["stage"][8:11]]
            for line in (store.path(record["key"]) / WORDS).read_text("utf-8").splitlines():
                word, form, _ = line.split("\t")
                assert own.setdefault(word, form) == form
    for language, forms in found.items():
        plain = {word: sound_of(language).ipa(word) for word in forms}
        assert Counter(forms.values()) == Counter(plain.values()) and len(forms) > 200
        assert not [word for word in forms if forms[word] == plain[word]]
    pairs = [pair for pair in dictionary("zho", "vie") if pair[0] in found["zho"] and pair[1] in found["vie"]]
    alike = likeness([(sound_of("zho").ipa(one), sound_of("vie").ipa(other)) for one, other in pairs])
    control = likeness([(found["zho"][one], found["vie"][other]) for one, other in pairs])
    chance = likeness([(found["zho"][one], found["vie"][pairs[n - 1][1]]) for n, (one, _) in enumerate(pairs)])
    assert alike > 1.3 * chance and control == pytest.approx(chance, abs=0.03)


def likeness(pairs: list[tuple[str, str]]) -> float:
    """How much of two words is the same, on average."""
    return sum(SequenceMatcher(None, *pair).ratio() for pair in pairs) / len(pairs)


def test_another_papers_vocabulary_and_vectors_beneath_this_channel() -> None:
    """UniBridge's pieces and first rows for Vietnamese, PhoneXL's phonemes over them: trained, and it answers."""
    pytest.importorskip("fasttext", reason="fastText isn't installed: pip install 'xlt-unibridge[fasttext]'")
    made = run(**OWN, set=[*SHORT, *UNIBRIDGE], drop=["embedding.source.text"], out="mixed")
    store = Store.at(None)
    stages = {record["stage"]: store.path(record["key"]) for record in made.scores["stages"]}
    pieces = read_tokenizer(stages["tokenizer(vie)"])
    rows = load_file(stages["embedding(vie)"] / "rows.safetensors")["rows"]
    assert 300 <= len(pieces) <= 502 and len(rows) == len(pieces)
    assert not unknown_to(read_tokenizer(stages["tokenizer(shared, phonemes)"]), SYMBOLS)
    begun = load_file(stages["embedding(shared, phonemes)"] / "rows.safetensors")["rows"]
    learnt = load_file(stages["train(zho, ner)"] / "channel.shared.phonemes.safetensors")["rows"]
    assert not begun.equal(learnt) and made.scores["scores"][0]["examples"] == 300
