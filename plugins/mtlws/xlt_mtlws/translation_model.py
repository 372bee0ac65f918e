"""A pretrained translation model from a folder or the hub: nothing remote is run, nothing pickled is read."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from xlt_core.errors import Problem, RefusedError, RunError
from xlt_core.languages import UnknownLanguage, language, same_language
from xlt_core.model.load import quiet, stripped
from xlt_mtlws.model_codes import nllb_code, short_code

SETTINGS = (
    "config.json", "generation_config.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "model.safetensors.index.json",
)  # fmt: skip
LINKED = ("*.safetensors", "*.model", "*.spm", "tokenizer.json", "vocab.json", "*.txt")
KINDS = ("m2m_100", "marian")
FLAG = "--set translation.model"
STEP = 32
"""Texts of a batch have the same number of pieces, counted in such steps, so that nothing depends on its company."""


class TranslationModel:
    """NLLB, M2M100 or Opus-MT, for one pair of languages."""

    def __init__(self, folder: Path, source: str, target: str, beams: int, device: torch.device) -> None:
        self.beams, self.device = beams, device
        self.model, self.tokenizer = _load(folder)
        self.model.to(device).eval()
        self._before, self._asked = "", {}
        self._codes: frozenset[int] = frozenset()
        if self.model.config.model_type == "marian":
            self._before = _opus(self.tokenizer, folder, source, target)
        else:
            first, self._codes = _many(self.tokenizer, folder, source, target)
            self._asked = {"forced_bos_token_id": first}
        self.limit = int(self.model.config.max_position_embeddings)

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """How many pieces each text has."""
        return [len(ids) for ids in self._encoded(texts)["input_ids"]]

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Texts of about one length in the other language, by beam search, without any draw."""
        batch = self.tokenizer.pad(self._encoded(texts), return_tensors="pt").to(self.device)
        most = min(self.limit - 1, 2 * STEP * steps(batch["input_ids"].shape[1]))
        with torch.inference_mode():
            made = self.model.generate(
                **batch, **self._asked, num_beams=self.beams, do_sample=False, max_new_tokens=most
            )  # fmt: skip
        said = [[piece for piece in row if piece not in self._codes] for row in made.tolist()]
        return [text.strip() for text in self.tokenizer.batch_decode(said, skip_special_tokens=True)]

    def _encoded(self, texts: Sequence[str]) -> Any:
        return self.tokenizer([self._before + text for text in texts], truncation=False)


def _load(folder: Path) -> tuple[Any, Any]:
    """Model and tokenizer, read from a folder in which only settings without code, tokenizer and weights stand."""
    quiet()
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    _check(folder)
    with ExitStack() as stack:
        private = Path(stack.enter_context(TemporaryDirectory(prefix="xlt-")))
        for file in sorted({file for pattern in LINKED for file in folder.glob(pattern)}):
            (private / file.name).symlink_to(file.resolve())
        for name in SETTINGS:
            if (folder / name).is_file():
                (private / name).write_text(json.dumps(stripped(_json(folder / name))), encoding="utf-8")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Opus-MT's tokenizer asks for a normaliser that it doesn't use
                tokenizer = AutoTokenizer.from_pretrained(private, trust_remote_code=False)
            model = AutoModelForSeq2SeqLM.from_pretrained(
                private, dtype="float32", use_safetensors=True, trust_remote_code=False
            )
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            told = str(error).strip().splitlines()[0].replace(str(private), str(folder))
            raise _refused(folder, told, "a folder made by save_pretrained") from error
    return model, tokenizer


def _check(folder: Path) -> None:
    kind = _json(folder / "config.json").get("model_type")
    if kind not in KINDS:
        what = f"it is a model of the kind `{kind}`; translated is with {' and '.join(KINDS)}"
        raise _refused(folder, what, f"{FLAG}=facebook/nllb-200-distilled-600M, or another of NLLB, M2M100, Opus-MT")
    if any(folder.glob("*.safetensors")):
        return
    if any(folder.glob("pytorch_model*.bin")):
        new = folder.resolve().with_name(f"{folder.resolve().name}-safetensors")
        fix = f"python -m xlt_core.model.convert {folder} {new}, then {FLAG}={new}"
        raise _refused(folder, "its weights are pickled, which can hide programs, and aren't read", fix)
    what = "it holds no weights in safetensors; pickled ones, which can hide programs, aren't read"
    fix = f"hf download MODEL --local-dir DIR; python -m xlt_core.model.convert DIR NEW, then {FLAG}=NEW"
    raise _refused(folder, what, fix)


def _json(file: Path) -> dict[str, Any]:
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _refused(file.parent, f"{file.name} can't be read: {error}", "a folder made by save_pretrained") from None
    if not isinstance(settings, dict):
        raise _refused(file.parent, f"{file.name} holds no settings", "a folder made by save_pretrained")
    return settings


def _refused(folder: Path, what: str, fix: str) -> RunError:
    return RunError("The translation model can't be loaded.", [Problem(what, str(folder), fix)])


# languages


def _many(tokenizer: Any, folder: Path, source: str, target: str) -> tuple[int, frozenset[int]]:
    """NLLB and M2M100: the piece with which the target's texts begin, and those of all languages."""
    nllb = [token for token in tokenizer.get_added_vocab() if re.fullmatch("[a-z]{3}_[A-Z][a-z]{3}", token)]
    known = nllb or list(getattr(tokenizer, "lang_code_to_id", {}))
    ours, theirs = ((nllb_code if nllb else short_code)(code, known) for code in (source, target))
    _refuse_unknown(folder, len(known), **{source: ours, target: theirs})
    tokenizer.src_lang = ours
    ids = {code: tokenizer.convert_tokens_to_ids(code) if nllb else tokenizer.get_lang_id(code) for code in known}
    return ids[str(theirs)], frozenset(ids.values())


def _opus(tokenizer: Any, folder: Path, source: str, target: str) -> str:
    """Opus-MT: one pair, or a group of languages of which `>>fra<<` before the text names the target."""
    given = {"source": (tokenizer.source_lang, source), "target": (tokenizer.target_lang, target)}
    codes = [token[2:-2] for token in tokenizer.supported_language_codes]
    for side, (known, code) in given.items():
        if _is_language(known) and not same_language(known, code):
            other = f"its {side} language is {language(known).name}, not {language(code).name}"
            raise _not_covered(folder, other)
    if not codes:
        return ""
    chosen = short_code(target, codes)
    _refuse_unknown(folder, len(codes), **{target: chosen})
    return f">>{chosen}<< "


def _is_language(text: Any) -> bool:
    """Whether a model's settings name one language there, and not a group such as `ROMANCE` or `mul`."""
    try:
        return isinstance(text, str) and re.fullmatch("[a-z]{2,3}", text) is not None and bool(language(text))
    except UnknownLanguage:
        return False


def _refuse_unknown(folder: Path, count: int, **codes: str | None) -> None:
    missing = [language(code).name for code, known in codes.items() if known is None]
    if missing:
        raise _not_covered(folder, f"none of its {count} languages is {' or '.join(missing)}")


def _not_covered(folder: Path, what: str) -> RefusedError:
    fix = (
        f"{FLAG}=NAME of one that has it (NLLB has 200), --set translation=mtlws.word_by_word with a dictionary, "
        "or --set translation=file"
    )
    return RefusedError("The model doesn't translate this pair.", [Problem(what, str(folder), fix)])


def steps(length: int) -> int:
    return -(-length // STEP)


def batches(order: Sequence[int], lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Runs of texts of about one length whose padded size keeps within a number of pieces; a longer one stands alone.

    `order` goes from short to long.
    """
    batch: list[int] = []
    for at in order:
        if batch and (lengths[at] * (len(batch) + 1) > budget or steps(lengths[at]) != steps(lengths[batch[0]])):
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch
