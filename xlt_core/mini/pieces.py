"""The tokenizers of the small backbones, in the layout of XLM-R: unigram pieces, or single characters."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Sequence
from math import log
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers import decoders as piece_decoders

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
MASK = "<mask>"


def train_tokenizer(lines: Sequence[str], size: int) -> Tokenizer:
    """Unigram pieces from lines of text; ids 0 to 3 are the special tokens, the last is the mask.

    The library's own unigram trainer gives other pieces at each run (it sums in an order that changes), so
    the pieces are found by byte-pair merges, which only count, and scored by how often each is then used.
    """
    merges = _frame(Tokenizer(models.BPE(unk_token="<unk>")))
    trainer = trainers.BpeTrainer(
        vocab_size=size - 1, min_frequency=2, special_tokens=list(SPECIAL), show_progress=False
    )
    merges.train_from_iterator(lines, trainer)
    used = Counter(piece for encoding in merges.encode_batch(list(lines)) for piece in encoding.tokens)
    total = used.total() + merges.get_vocab_size()
    learnt = sorted(set(merges.get_vocab()) - set(SPECIAL), key=lambda piece: (-used[piece], piece))
    scored = [(piece, round(log((used[piece] + 1) / total), 4)) for piece in learnt]
    vocabulary = [(special, 0.0) for special in SPECIAL] + scored + [(MASK, 0.0)]
    tokenizer = _frame(Tokenizer(models.Unigram(vocabulary, unk_id=SPECIAL.index("<unk>"))))
    return _with_specials(tokenizer)


def character_tokenizer(lines: Sequence[str]) -> Tokenizer:
    """Every character of the lines is a piece, and so is the beginning of a word (▁)."""
    known = sorted({letter for line in lines for letter in unicodedata.normalize("NFC", line) if letter != " "})
    vocabulary = {piece: n for n, piece in enumerate((*SPECIAL, "▁", *known, MASK))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(), pre_tokenizers.Split(Regex("."), "isolated")]
    )
    tokenizer.decoder = piece_decoders.Sequence([piece_decoders.Fuse(), piece_decoders.Metaspace()])
    return _with_specials(tokenizer)


def _with_specials(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.add_special_tokens([*SPECIAL, AddedToken(MASK, lstrip=True, special=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return tokenizer


def _frame(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC()])
    # Marks stand alone and endings after an apostrophe apart from their name, in running text as in a
    # list of words. A Chinese character carries no mark of a word's beginning, so that a word is the same
    # pieces wherever it stands: a tagger reads the first piece, which must not be a bare mark.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex("[.,。，、·・—،۔।።។၊။]"), "isolated"),
            pre_tokenizers.Split(Regex("'"), "merged_with_next"),
            pre_tokenizers.Metaspace(),
            pre_tokenizers.Split(Regex(r"▁(?=[\p{Han}\p{Hiragana}\p{Katakana}])"), "removed"),
        ]
    )
    tokenizer.decoder = piece_decoders.Metaspace()
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path, longest: int) -> None:
    """tokenizer.json and the settings with which AutoTokenizer finds its way."""
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": longest,
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": MASK,
    }
    text = json.dumps(settings, indent=2, ensure_ascii=False)
    (folder / "tokenizer_config.json").write_text(text + "\n", encoding="utf-8")
