"""Languages with vocabularies of their own: read apart, trained with the adapter, kept, and found again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.core.letters import Letters, corpus, tagger
from xlt_core.data.encode import SubwordReader, collate
from xlt_core.data.records import Tagged
from xlt_core.engine.batching import generator
from xlt_core.engine.channels import Tables
from xlt_core.engine.checkpoint import Checkpoint
from xlt_core.engine.feed import Feed
from xlt_core.engine.loop import Event, Term, train_steps
from xlt_core.engine.losses import mlm
from xlt_core.engine.net import MLM_HEAD, Net
from xlt_core.engine.predict import word_scores
from xlt_core.engine.readers import LanguageReaders
from xlt_core.engine.vocabularies import own_vocabularies, rows_file, serving
from xlt_core.facts import View
from xlt_core.model.adapters import AdapterShape, LanguageAdapter
from xlt_core.model.vocabulary import current, made, read, replace
from xlt_core.slots.losses import Mask, Mlm
from xlt_core.slots.schedule import Madx

CPU = torch.device("cpu")
MASKED = View("text", (Mask().transform(),))


class Few(Letters):
    """A tokenizer of twelve pieces in all."""

    mask_token_id = 11
    all_special_ids = (0, 1, 2, 3, 11)
    all_special_tokens: tuple[str, ...] = ()
    special_tokens_map: dict[str, str] = {}

    def __len__(self) -> int:
        return 12

    def get_vocab(self) -> dict[str, int]:
        return {str(n): n for n in range(12)}

    def __getattr__(self, name: str) -> Any:
        return {"bos_token_id": 0, "eos_token_id": 2}[name]

    def _one(self, words: list[str], special: bool) -> tuple[list[int], list[int | None]]:
        ids, owners = super()._one(words, special)
        return [piece if piece < 4 else 4 + piece % 7 for piece in ids], owners


def two_languages(seed: int = 1) -> Net:
    """`eng` is read by the backbone's vocabulary, `amh` by its own; both have an adapter."""
    net = tagger(seed)
    draw = torch.Generator().manual_seed(5)
    vocabulary = made(net.backbone, torch.randn(12, 16, generator=draw), torch.randn(12, generator=draw), Few())
    net.add_vocabulary("amh:text", vocabulary)
    for language in ("eng", "amh"):
        net.languages[language] = LanguageAdapter(language, AdapterShape.of(net.backbone, reduction=2), generator(1))
    return net


def rows(count: int = 6) -> list[Tagged]:
    english = corpus([3, 5, 2, 4, 6, 3][:count])
    return [Tagged(row.id, "amh" if n % 2 else "eng", row.words, row.tags) for n, row in enumerate(english)]


def readers(net: Net) -> LanguageReaders:
    return LanguageReaders(net, lambda tokenizer: SubwordReader(tokenizer, 32))


def test_each_language_is_read_through_its_own_tokenizer() -> None:
    net = two_languages()
    pieces = readers(net).stretches(rows())
    assert [piece.sentence for piece in pieces] == list(range(6))
    assert all(max(piece.ids) < 12 for piece in pieces if piece.language == "amh")
    assert max(max(piece.ids) for piece in pieces if piece.language == "eng") >= 12


def test_a_vocabulary_is_in_place_while_its_language_is_read_and_at_no_other_time() -> None:
    net = two_languages().eval()
    own = net.vocabularies["amh:text"]  # type: ignore[index]
    before = current(net.backbone)
    batch = collate(readers(net).stretches(rows())[1:2], 1)
    states = net.states(batch, frozenset({"last"}))["last"]
    logits = net.vocabulary(batch, states[:, 0])
    assert logits.shape[-1] == 12 and net.backbone.words.weight is before.tables["words"]
    alone = tagger()
    replace(alone.backbone, own.tables["words"], own.bias, Few())
    alone.languages["amh"] = net.languages["amh"]
    alone.eval()
    torch.testing.assert_close(alone.states(batch, frozenset({"last"}))["last"], states)
    torch.testing.assert_close(alone.vocabulary(batch, states[:, 0]), logits)


def test_languages_answer_together_as_each_alone() -> None:
    net = two_languages()
    mixed = word_scores(net, readers(net), rows(), CPU)
    for number, row in enumerate(rows()):
        torch.testing.assert_close(word_scores(net, readers(net), [row], CPU)[0], mixed[number], atol=1e-5, rtol=0)


def test_masking_draws_from_the_vocabulary_that_reads() -> None:
    net = two_languages()
    pieces = readers(net).stretches(rows())
    feed = Feed(net, {MASKED: frozenset({"last"})}, 1, CPU)
    seen = 0
    for step in range(40):
        for ctx in feed(pieces, step):
            batch = ctx.batches[MASKED]
            size = 12 if batch.language == "amh" else 30
            assert len({piece.language for piece in batch.pieces}) == 1 and int(batch.ids.max()) < size
            assert ctx.logits(MASKED)[0].shape[1] == size
            seen += 1
    assert seen == 80


def test_masks_of_a_language_do_not_depend_on_the_other() -> None:
    net = two_languages()
    pieces = readers(net).stretches(rows())
    feed = Feed(net, {MASKED: frozenset({"last"})}, 1, CPU)
    both = {ctx.batches[MASKED].language: ctx.batches[MASKED] for ctx in feed(pieces, 3)}
    (alone,) = feed([piece for piece in pieces if piece.language == "amh"], 3)
    assert torch.equal(alone.batches[MASKED].ids, both["amh"].ids)


def learnt(net: Net, steps: int = 3) -> list[float]:
    net.freeze_but(net.languages["amh"], net.rows)
    for weight in net.mlm_head("amh").values():
        weight.requires_grad_(True)
    pieces = [piece for piece in readers(net).stretches(rows()) if piece.language == "amh"]
    options = Madx(batch=2, steps=steps, lr=1e-2)
    feed = Feed(net, {MASKED: frozenset({"last"})}, 1, CPU)
    events = train_steps(net, [Term("mlm", Mlm(), mlm)], pieces, feed, options, 1, None)
    return [event.losses["mlm"] for event in events if event.kind == "step"]


def test_own_rows_train_with_the_adapter_and_nothing_else_moves() -> None:
    net = two_languages()
    before = {name: weight.detach().clone() for name, weight in net.named_parameters()}
    learnt(net)
    changed = {name for name, weight in net.named_parameters() if not torch.equal(weight, before[name])}
    assert {"rows.amh:text.words", "rows.amh:text.bias"} <= changed
    head = {"dense.weight", "dense.bias", "layer_norm.weight", "layer_norm.bias"}
    allowed = ("rows.amh:text.", "languages.amh.", *(f"backbone.model.lm_head.{name}" for name in head))
    assert not [name for name in changed if not name.startswith(allowed)]


def test_what_a_stage_leaves_is_what_the_next_one_reads(tmp_path: Path) -> None:
    net = two_languages()
    learnt(net)
    net.save(tmp_path)
    assert (tmp_path / rows_file("amh:text")).is_file() and not (tmp_path / "body.safetensors").exists()
    again = two_languages()
    facts = {
        "artefact tokenizer:backbone": tmp_path, "artefact tokenizer:amh:text": tmp_path,
        "artefact embedding:amh:text": tmp_path / "first", "parts embedding:text@language:amh": tmp_path,
    }  # fmt: skip
    (own,) = own_vocabularies(facts)
    assert (own.name, own.rows, own.trained) == ("amh:text", tmp_path, True)
    found = read(again.backbone, own.rows / rows_file(own.name), Few())
    for name, table in net.rows["amh:text"].items():  # type: ignore[operator]
        assert torch.equal(found.tables[name], table)
    head = load_file(tmp_path / MLM_HEAD)
    assert set(head) == {*net.mlm_head("amh")}
    assert all(torch.equal(head[name], weight) for name, weight in net.mlm_head("amh").items())


def test_the_last_stage_that_trained_rows_counts() -> None:
    facts = {
        "artefact tokenizer:amh:text+latin": Path("t"), "artefact embedding:amh:text": Path("e"),
        "parts embedding:text@language:amh": Path("one"), "parts embedding:text/adapted@language:amh": Path("two"),
        "parts embedding:text@language:khm": Path("other"),
    }  # fmt: skip
    (own,) = own_vocabularies(facts)
    assert (own.name, own.rows) == ("amh:text+latin", Path("two"))
    assert serving([own.name], "amh", "latin") == own.name and serving([own.name], "khm") is None


def test_each_of_several_task_models_is_read_through_the_rows_that_it_trained(tmp_path: Path) -> None:
    facts = {
        "artefact tokenizer:shared:text+phonemes": Path("t"), "parts embedding:text/a@source:eng": Path("eng"),
        "parts embedding:text/a@shared": Path("all"), "parts embedding:text/a@source:zho": Path("zho"),
    }  # fmt: skip
    found = {key: next(own_vocabularies(facts, key)) for key in ("eng", "zho", "", "rus")}
    assert {key: str(own.rows) for key, own in found.items()} == {"eng": "eng", "zho": "zho", "": "all", "rus": "all"}
    tables = {}
    for n, scope in enumerate(("source:zho", "shared", "source:eng")):
        folder = tmp_path / str(n)
        folder.mkdir()
        save_file({"rows": torch.full((2, 2), float(n))}, folder / "channel.shared.phonemes.safetensors")
        tables[f"parts embedding:phonemes/a@{scope}"] = folder
    read_for = {key: Tables.read(tables, ["phonemes"], key).rows["shared:phonemes"] for key in ("zho", "eng", "")}
    assert {key: float(rows.detach().mean()) for key, rows in read_for.items()} == {"zho": 0.0, "": 1.0, "eng": 2.0}


@pytest.mark.parametrize("languages", list(itertools.permutations(["amh", "eng"])))
def test_order_changes_nothing(languages: tuple[str, ...]) -> None:
    net = two_languages().eval()
    pieces = readers(net).stretches(rows())
    states = {}
    for language in (*languages, *languages):
        batch = collate([piece for piece in pieces if piece.language == language], 1)
        found = net.states(batch, frozenset({"last"}))["last"]
        assert language not in states or torch.equal(states[language], found)
        states[language] = found


@pytest.mark.parametrize("stop_after", [1, 3])
def test_own_rows_that_were_stopped_end_in_the_same_bits(stop_after: int, tmp_path: Path) -> None:
    def training(net: Net, checkpoint: Checkpoint | None) -> Iterator[Event]:
        net.freeze_but(net.languages["amh"], net.rows)
        pieces = [piece for piece in readers(net).stretches(rows()) if piece.language == "amh"]
        feed = Feed(net, {MASKED: frozenset({"last"})}, 1, CPU)
        options = Madx(batch=2, steps=5, lr=1e-2)
        return train_steps(net, [Term("mlm", Mlm(), mlm)], pieces, feed, options, 1, None, checkpoint)

    whole, stopped, again = two_languages(), two_languages(), two_languages()
    list(training(whole, None))
    events = training(stopped, Checkpoint(tmp_path, 0.0))
    for _ in range(stop_after):
        next(events)
    events.close()  # type: ignore[attr-defined]
    list(training(again, Checkpoint(tmp_path, 0.0)))
    for name, table in whole.rows["amh:text"].items():  # type: ignore[operator]
        assert torch.equal(again.rows["amh:text"][name], table)  # type: ignore[index]
