"""Small random translation models, laid out in folders as the hub has them."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from transformers import (
    M2M100Config,
    M2M100ForConditionalGeneration,
    M2M100Tokenizer,
    MarianConfig,
    MarianMTModel,
    MarianTokenizer,
    NllbTokenizer,
)

SHAPE: dict[str, Any] = {  # weights so large that what is said depends on what was read
    "d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "max_position_embeddings": 64,
    "init_std": 0.3,
}  # fmt: skip
LANGUAGES = ["eng_Latn", "spa_Latn", "arb_Arab", "swh_Latn", "zho_Hans"]
TEXT = [
    "the red house is big", "a small cat sleeps in the garden", "la casa roja es grande", "un gato duerme en el jardín",
    "she reads a book", "ella lee un libro", "we walk to the river", "caminamos al río", "where is the old bridge ?",
]  # fmt: skip


def pieces(folder: Path, name: str) -> Path:
    """A SentencePiece model of that text."""
    lines = folder / "lines.txt"
    lines.write_text("\n".join(TEXT * 5), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(lines), model_prefix=str(folder / name), vocab_size=70, model_type="bpe", minloglevel=2,
        bos_id=0, eos_id=2, unk_id=3, pad_id=1,
    )  # fmt: skip
    lines.unlink()
    (folder / f"{name}.vocab").unlink()
    return folder / f"{name}.model"


def entries(model: Path) -> dict[str, int]:
    """Its pieces, numbered."""
    processor = sentencepiece.SentencePieceProcessor(str(model))
    return {processor.id_to_piece(at): at for at in range(len(processor))}


def m2m100(folder: Path, seed: int = 7) -> Path:
    """As facebook/m2m100_418M: sentencepiece.bpe.model, vocab.json."""
    folder.mkdir(parents=True)
    model = pieces(folder, "sentencepiece.bpe")
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps(entries(model)), encoding="utf-8")
    tokenizer = M2M100Tokenizer(str(vocabulary), str(model))
    named = list(tokenizer.lang_code_to_token.values())
    tokenizer = M2M100Tokenizer(str(vocabulary), str(model), additional_special_tokens=named)
    tokenizer.save_pretrained(folder)
    return _saved(folder, len(entries(model)) + 100 + 8, seed)


def nllb(folder: Path, seed: int = 7) -> Path:
    """As facebook/nllb-200-distilled-600M: tokenizer.json."""
    folder.mkdir(parents=True)
    named = ["<s>", "<pad>", "</s>", "<unk>"]
    letters = sorted({"▁", *"".join(TEXT).replace(" ", "")})
    vocabulary = {piece: at for at, piece in enumerate([*named, *letters, "▁th", "th", "▁l", "la", "▁la"])}
    merges = [("t", "h"), ("▁", "th"), ("l", "a"), ("▁", "la")]
    tokenizer = NllbTokenizer(vocabulary, merges, additional_special_tokens=LANGUAGES)
    tokenizer.save_pretrained(folder)
    return _saved(folder, len(tokenizer), seed)


def _saved(folder: Path, size: int, seed: int) -> Path:
    torch.manual_seed(seed)
    config = M2M100Config(vocab_size=size, **SHAPE)
    model = M2M100ForConditionalGeneration(config)
    model.generation_config.min_new_tokens = 6  # a random model would often say nothing at all
    model.save_pretrained(folder)
    return folder


def opus(folder: Path, source: str, target: str, groups: tuple[str, ...] = (), seed: int = 7) -> Path:
    """As Helsinki-NLP/opus-mt-en-es: source.spm, target.spm, vocab.json, the padding piece the last."""
    folder.mkdir(parents=True)
    model = pieces(folder, "source")
    model.rename(folder / "source.spm")
    (folder / "target.spm").write_bytes((folder / "source.spm").read_bytes())
    known = [piece for piece in entries(folder / "source.spm") if piece not in ("<pad>", "<s>", "</s>", "<unk>")]
    every = ["</s>", "<unk>", *(f">>{code}<<" for code in groups), *known, "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({piece: at for at, piece in enumerate(every)}), encoding="utf-8")
    names = {"source_lang": source, "target_lang": target}
    (folder / "tokenizer_config.json").write_text(
        json.dumps({**names, "tokenizer_class": "MarianTokenizer", "model_max_length": 512}), encoding="utf-8"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tokenizer = MarianTokenizer.from_pretrained(folder)
    torch.manual_seed(seed)
    last = len(every) - 1
    config = MarianConfig(
        vocab_size=len(every), pad_token_id=last, eos_token_id=0, decoder_start_token_id=last, forced_eos_token_id=0,
        **SHAPE,
    )  # fmt: skip
    assert tokenizer.pad_token_id == last
    model_ = MarianMTModel(config)
    model_.generation_config.bad_words_ids = [[last]]
    model_.generation_config.min_new_tokens = 6
    model_.save_pretrained(folder)
    return folder
