"""More pieces for the backbone's tokenizer: its own keep their ids and rows, and what it didn't know it reads."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import transformers
from safetensors.torch import load_file

from tests.model.test_tokens import byte_level, subword, wordpiece
from xlt_core import run
from xlt_core.errors import RunError
from xlt_core.graph.store import Store
from xlt_core.mini.meaning import meanings
from xlt_core.mini.world import say
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.extended import _refuse_bytes, as_met, pieces_of, unknown, with_pieces
from xlt_core.model.overlap import overlap
from xlt_core.model.rows import read_tokenizer
from xlt_core.model.unigram import train_unigram

AMHARIC = [say(meaning, "amh").text for meaning in islice(meanings("text"), 300)]
KINDS = {"unigram": subword, "wordpiece": wordpiece}


def learnt(tokenizer: Any, size: int = 300) -> list[tuple[bool, str, float]]:
    return pieces_of(train_unigram(as_met(tokenizer, AMHARIC), size, rule="identity").pieces)


@pytest.mark.parametrize("kind", KINDS)
def test_old_pieces_keep_their_ids_and_new_ones_stand_behind(kind: str, tmp_path: Path) -> None:
    old = KINDS[kind]()
    pieces = learnt(old)
    made = with_pieces(old, pieces)
    before, after = old.get_vocab(), made.get_vocab()
    assert before.items() <= after.items() and len(after) == len(made)
    new = {form for form in after if form not in before}
    marks = ("▁{}", "{}") if kind == "unigram" else ("{}", "##{}")
    forms = {marks[0 if begins else 1].format(letters) for begins, letters, _ in pieces}
    if kind == "wordpiece":  # a letter at a word's beginning and inside it
        forms |= {mark.format(letters) for _, letters, _ in pieces if len(letters) == 1 for mark in marks}
    assert new == forms - set(before) and {after[form] for form in new} == {*range(len(before), len(after))}
    assert made.special_tokens_map == old.special_tokens_map and made.mask_token_id == old.mask_token_id
    assert made("ab", "cd").tokens()[0] == old("ab", "cd").tokens()[0]
    made.save_pretrained(tmp_path)
    again = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert again(AMHARIC[0])["input_ids"] == made(AMHARIC[0])["input_ids"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_script_that_was_unknown_is_read_and_other_text_as_before(kind: str) -> None:
    old = KINDS[kind]()
    made = with_pieces(old, learnt(old))
    assert unknown(old, AMHARIC) > 0.4 and unknown(made, AMHARIC) < 0.02
    for text in ("a b cd e", "abc dab", "ca"):
        assert made(text)["input_ids"] == old(text)["input_ids"], "no new piece is in it"


def test_a_longer_piece_wins_over_its_parts() -> None:
    old = wordpiece()
    made = with_pieces(old, [(True, "ab", -3.0), (False, "cd", -4.0)])
    assert made("abcd", add_special_tokens=False).tokens() == ["ab", "##cd"]
    own = subword()
    more = with_pieces(own, [(True, "xyzzy", -30.0)])
    assert more("xyzzy", add_special_tokens=False).tokens() == ["▁xyzzy"], "whatever its score"


def test_all_that_it_has_from_the_source_is_copied_by_its_number() -> None:
    """By what they say two of WordPiece's pieces are the same, `,` and `##,`, and each has a row of its own."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##a", ",", "##,"]
    old = transformers.BertTokenizer(vocab={piece: n for n, piece in enumerate(words)}, do_lower_case=False)
    assert overlap(old, old)[words.index("##,")] == words.index(",")
    assert overlap(with_pieces(old, learnt(old)), old) == {number: number for number in range(len(old))}


def test_pieces_that_are_joined_by_rules_can_not_be_added() -> None:
    job: Any = SimpleNamespace(stage=SimpleNamespace(role="target", id="tokenizer(amh)"))
    with pytest.raises(RunError, match="joined by rules: none can be added") as met:
        _refuse_bytes(byte_level(), job)
    assert "--set vocabulary.target=fixed_size" in met.value.text()


def test_the_method_from_text_to_answers() -> None:
    edits = ["adaptation.target.samples=48", "adaptation.target.epochs=1", "training.share=0.1", "training.epochs=1"]
    made = run(method="extend", backbone="mini", set=edits, out="extended")
    stages = {record["stage"]: record["key"] for record in made.scores["stages"]}
    folders = {stage: Store.at(None).path(key) for stage, key in stages.items()}
    model = BackboneModel.load(Path(__file__).parents[2] / "xlt_core" / "mini" / "backbones" / "subword")
    table, tokenizer = model.words.weight.detach(), read_tokenizer(folders["tokenizer(amh)"])
    begun = load_file(folders["embedding(amh)"] / "rows.safetensors")
    assert torch.equal(begun["rows"][: len(table)], table), "the old rows bit for bit"
    new = begun["rows"][len(table) :]
    assert len(new) == len(tokenizer) - len(table) > 300 and float(new.std()) == pytest.approx(0.02, rel=0.05)
    # the whole body and the language's rows learn its text; the backbone's own table isn't read
    body, rows = (load_file(folders["adapt(amh)"] / name) for name in ("body.safetensors", "rows.amh.text.safetensors"))
    came = dict(model.model.named_parameters())
    moved = {name for name, value in body.items() if not torch.equal(value, came[name].detach())}
    assert len(moved) > 40 and not any("word_embeddings" in name for name in moved)
    assert not torch.equal(rows["words"], begun["rows"])
    told = [json.loads(line) for line in (Path(made.path) / "metrics.jsonl").read_text("utf-8").splitlines()]
    (event,) = [event for event in told if event.get("kind") == "vocabulary"]
    assert event["unknown_before"] > 0.4 and event["unknown"] < 0.02 and event["added"] == len(new)
    assert made.scores["scores"][0]["examples"] == 300
