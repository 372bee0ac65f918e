"""Pieces are the same by what they stand for, not by how their tokenizers mark them."""

from __future__ import annotations

from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from xlt_core.model.overlap import keys, overlap

BERT = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}


def word_pieces(*pieces: str) -> Any:
    vocabulary = {piece: n for n, piece in enumerate((*BERT.values(), *pieces))}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return PreTrainedTokenizerFast(tokenizer_object=made, **BERT)


def unigram(*pieces: str) -> Any:
    made = Tokenizer(models.Unigram([(piece, -1.0) for piece in (*BERT.values(), *pieces)], unk_id=1))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    return PreTrainedTokenizerFast(tokenizer_object=made, **BERT)


def byte_pairs(*pieces: str) -> Any:
    made = Tokenizer(models.BPE({piece: n for n, piece in enumerate(pieces)}, []))
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(), decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=made)


def named(target: Any, source: Any, **how: Any) -> dict[str, str]:
    found = overlap(target, source, **how)
    return {target.convert_ids_to_tokens(a): source.convert_ids_to_tokens(b) for a, b in found.items()}


def test_word_pieces_and_sentence_pieces_meet() -> None:
    source = word_pieces("the", "##ing", "Paris", "##é", ",")
    target = unigram("▁the", "ing", "▁paris", "▁The", "é", "▁", ",")
    plain = {**{token: token for token in BERT.values()}, "▁the": "the", "ing": "##ing", "é": "##é", ",": ","}
    assert named(target, source) == plain
    assert named(target, source, match="casefold") == {**plain, "▁paris": "Paris", "▁The": "the"}
    assert "," not in named(target, source, symbols=False)


def test_the_lowest_of_several_counts_and_control_tokens_match_by_role() -> None:
    one, other = unigram("a", "▁b"), unigram("x", "A", "a", "▁b")
    other.cls_token = "x"  # another piece plays that part there
    found = named(one, other, match="casefold")
    assert found["[CLS]"] == "x" and found["a"] == "a" and found["▁b"] == "▁b"
    twice = unigram("B", "b")
    assert named(unigram("bB"), twice, match="casefold") == {token: token for token in BERT.values()}
    assert overlap(unigram("β"), unigram("Β", "β"), match="casefold")[5] == 6


def test_bytes_are_read_as_letters() -> None:
    latin, half = "Ġcafé".replace("é", "Ã©"), "Ã"
    assert keys(byte_pairs(latin, half, "ing")) == {0: (True, "café"), 2: (False, "ing")}
    assert named(unigram("▁café", "ing", "é"), byte_pairs(latin, half, "ing")) == {"▁café": latin, "ing": "ing"}
