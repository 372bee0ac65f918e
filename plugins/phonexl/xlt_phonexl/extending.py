"""The work of the vocabulary: the backbone's tokenizer with the IPA symbols that it would read as unknown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from xlt_core.graph.job import Job
from xlt_core.model.load import backbone_folder, load_tokenizer
from xlt_core.model.rows import write_tokenizer
from xlt_core.model.tokens import Extended, add_symbols
from xlt_phonexl.symbols import SYMBOLS

ADDED = "added.json"


def extend(job: Job) -> None:
    """Leave the tokenizer, and a list of what was added."""
    with ExitStack() as stack:
        backbone = load_tokenizer(backbone_folder(job.inputs["artefact tokenizer:backbone"], stack))
    lacking = unknown_to(backbone, (*SYMBOLS, *job.stage.options["symbols"]))
    made, refused = extended(backbone, lacking)
    write_tokenizer(job.out, made.tokenizer)
    told = {"added": list(made.new), "refused": refused}
    (job.out / ADDED).write_text(json.dumps(told, ensure_ascii=False) + "\n", encoding="utf-8")
    job.report({"kind": "vocabulary", "added": len(made.new)})
    if refused:
        job.note(f"the tokenizer can't take {' '.join(refused)}: they are read as unknown")


def unknown_to(tokenizer: Any, symbols: Iterable[str]) -> list[str]:
    """The symbols that a tokenizer reads as unknown at a word's beginning or inside it, each once."""
    return [symbol for symbol in dict.fromkeys(symbols) if _unknown(tokenizer, symbol)]


def _unknown(tokenizer: Any, symbol: str) -> bool:
    """A mark can't stand alone, so it is tried behind a letter; what makes a letter with it may be known as a whole."""
    coded = tokenizer([symbol, f"a{symbol}"], add_special_tokens=False)["input_ids"]
    return any(tokenizer.unk_token_id in ids for ids in coded)


def extended(tokenizer: Any, symbols: list[str]) -> tuple[Extended, list[str]]:
    """The tokenizer with the symbols that it can take, and those that it can't: its normaliser drops them, say."""
    try:
        return add_symbols(tokenizer, symbols), []
    except ValueError:
        fit = [symbol for symbol in symbols if _fits(tokenizer, symbol)]
        return add_symbols(tokenizer, fit), [symbol for symbol in symbols if symbol not in fit]


def _fits(tokenizer: Any, symbol: str) -> bool:
    try:
        add_symbols(tokenizer, [symbol])
    except ValueError:
        return False
    return True
