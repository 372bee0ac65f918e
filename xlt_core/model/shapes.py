"""Backbones of a known shape with random weights, for dry runs and benchmarks. Nothing is fetched.

A published shape comes without its tokenizer, so a plain one stands in: every byte of a text is a piece, and a
word begins with a blank. Control tokens have the ids of the published one, and the vocabulary its size; the pieces
beyond the bytes are never used. So sequences are longer than the real tokenizer's: three to five times, as a rule.
CANINE's tokenizer has no files and is the real one. Its languages' codes mBART's stand-in doesn't have.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlt_core.errors import Problem, RunError
from xlt_core.slots.shapes import SHAPES, Shape


def draw(name: str, seed: int, folder: Path) -> None:
    """A model of this shape and a tokenizer for it, written to a folder; the same from the same seed.

    >>> draw("xlm-roberta-base", 1, folder)  # doctest: +SKIP
    """
    import torch
    from transformers import AutoConfig

    from xlt_core.model.load import model_class, quiet

    quiet()
    shape = _shape(name)
    config = AutoConfig.for_model(**shape.config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = model_class(config.model_type).from_config(config, dtype=torch.float32)
    model.save_pretrained(folder)
    _stand_in(shape, config).save_pretrained(folder)


def _shape(name: str) -> Shape:
    if name not in SHAPES:
        what = f"no shape is called `{name}`; shapes that can be drawn: {', '.join(SHAPES)}"
        raise RunError("The backbone can't be drawn.", [Problem(what, "--backbone")])
    return SHAPES[name]


def _stand_in(shape: Shape, config: Any) -> Any:
    if config.model_type == "canine":
        from transformers import CanineTokenizer

        return CanineTokenizer()
    positions = config.max_position_embeddings
    return byte_tokenizer(shape, positions - 2 if config.model_type in ("roberta", "xlm-roberta") else positions)


def byte_tokenizer(shape: Shape, longest: int) -> Any:
    """Every byte is a piece, among control tokens and a vocabulary as the shape has them.

    >>> byte_tokenizer(SHAPES["xphonebert-base"], 512).tokenize("ab")
    ['Ġ', 'a', 'b']
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = _vocabulary(shape, pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    made.decoder = decoders.ByteLevel()
    control = sorted(dict(shape.special.values()).items(), key=lambda pair: pair[1])
    mask = shape.special.get("mask_token", ("", 0))[0]
    made.add_special_tokens([AddedToken(token, lstrip=token == mask, special=True) for token, _ in control])
    made.post_processor = processors.TemplateProcessing(shape.single.split(), shape.pair.split(), control)
    roles = {role: token for role, (token, _) in shape.special.items()}
    segments = ["token_type_ids"] if ":1" in shape.pair else []
    given = ["input_ids", *segments, "attention_mask"]
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=longest, model_input_names=given, **roles)


def _vocabulary(shape: Shape, alphabet: list[str]) -> dict[str, int]:
    """Control tokens where they belong, bytes in the first free places, and names for the rest."""
    size, control = int(shape.config["vocab_size"]), dict(shape.special.values())
    if size < len(alphabet) + len(control):
        raise ValueError(f"{size} pieces are too few for {len(alphabet)} bytes and {len(control)} control tokens")
    taken = set(control.values())
    free: Iterator[int] = (number for number in range(size) if number not in taken)
    pieces = {piece: next(free) for piece in sorted(alphabet)}
    return {**control, **pieces, **{f"<unused {number}>": number for number in free}}
