"""Synthetic cognates: a source and a target language that share words and no script, as files that a run reads.

1,200 words of four classes, four phonemes each, out of 24: with .85 a phoneme is one of its class's own six, else any.
The target has the same words in other letters, each phoneme with .15 drawn anew. Sentences are eight words at random:
nothing but its spelling or its sound says what class a word is of, and the target's spelling was never seen.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

from xlt_core import run
from xlt_core.data.encode import collate, reader_for
from xlt_core.data.records import EXAMPLES, Tagged, read_tagged
from xlt_core.engine.channels import Reading
from xlt_core.engine.net import Net, assemble
from xlt_core.engine.readers import LanguageReaders, with_forms
from xlt_core.graph.store import Store
from xlt_core.report.folder import RunFolder
from xlt_core.running.lent import Lent

SOURCE, TARGET = "zho", "kor"
CLASSES = ("ADJ", "ADV", "NOUN", "VERB")
PHONEMES = "ɑɐɒæɓʙβɔɕçɗɖðʤəɘɚɛɜɝɞɟʄɡ"
SPECIAL = {"[PAD]": 0, "[UNK]": 1, "[MASK]": 2, "[CLS]": 3, "[SEP]": 4}
LENGTH = 8
Edits = tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """One meaning: its class, and how each language writes and says it."""

    tag: str
    written: Mapping[str, str]
    said: Mapping[str, str]


def words(seed: int, count: int = 1200) -> list[Word]:
    draw = random.Random(seed)
    found = []
    for n in range(count):
        kind = n % len(CLASSES)
        own = PHONEMES[kind * 6 : kind * 6 + 6]
        said = [draw.choice(own if draw.random() < 0.85 else PHONEMES) for _ in range(4)]
        other = [draw.choice(PHONEMES) if draw.random() < 0.15 else sound for sound in said]
        written = {SOURCE: chr(0x4E00 + n), TARGET: chr(0xAC00 + n)}
        found.append(Word(CLASSES[kind], written, {SOURCE: "".join(said), TARGET: "".join(other)}))
    return found


@dataclass(frozen=True)
class World:
    """A folder with both languages' files and a model that knows nothing yet."""

    folder: Path
    words: list[Word]
    seed: int

    @classmethod
    def made(cls, folder: Path, seed: int, sentences: int = 500) -> World:
        made = cls(folder, words(seed), seed)
        folder.mkdir(parents=True)
        draw = random.Random(f"{seed} sentences")
        made._labels(SOURCE, "train", sentences, draw)
        made._labels(SOURCE, "dev", 100, draw)
        made._labels(TARGET, "test", 250, draw)
        known = draw.sample(made.words, round(0.3 * len(made.words)))
        entries = ((w.written[SOURCE], w.said[SOURCE], w.written[TARGET], w.said[TARGET]) for w in known)
        made._write("dictionary", entries)
        for language in (SOURCE, TARGET):
            made._write(f"lookup-{language}", ((w.written[language], w.said[language]) for w in made.words))
        others = draw.sample(made.words, len(made.words))
        pairs = ((w.written[TARGET], o.said[TARGET]) for w, o in zip(made.words, others, strict=True))
        made._write("lookup-permuted", pairs)
        _model(made.words, seed).save_pretrained(folder / "model")
        _tokenizer(made.words).save_pretrained(folder / "model")
        return made

    def _labels(self, language: str, split: str, count: int, draw: random.Random) -> None:
        rows: list[tuple[str, ...]] = []
        for _ in range(count):
            for word in draw.choices(self.words, k=LENGTH):
                rows.append((word.written[language], word.tag, word.said[language], word.said[language]))
            rows.append(())
        (self.folder / "labels" / language).mkdir(parents=True, exist_ok=True)
        self._write(f"labels/{language}/{split}.tsv", iter(rows))

    def _write(self, name: str, rows: Iterator[tuple[str, ...]]) -> None:
        (self.folder / name).write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")

    def run(self, name: str, set: Edits = (), drop: Edits = (), permuted: bool = False) -> RunFolder:
        """PhoneXL on this world, with weights of .1, a fifth of the words masked and two fifths looked up.

        `permuted` gives the target's words each other's phonemes, which training knows nothing of.
        """
        losses = "training.losses.phonexl"
        edits = [
            "rewriting.phonemes=lookup", "training.lr=2e-3", "training.epochs=10", "training.batch=32",
            "training.select.every=epoch", "training.select.keep=last", f"{losses}.align.weight=0.1",
            f"{losses}.mlm={{weight: 0.1, mask: {{rate: 0.2, unit: word, replace: mask, fresh: false, draw: words}}}}",
            f"{losses}.xmlm={{weight: 0.1, rate: 0.4, "
            "mask: {rate: 0.2, unit: word, replace: mask, fresh: false, draw: words}}",
        ]  # fmt: skip
        kept = [edit for edit in edits if not any(edit.startswith((f"{path}.", f"{path}=")) for path in drop)]
        resources = {
            f"lookup:{SOURCE}": f"lookup-{SOURCE}",
            f"lookup:{TARGET}": "lookup-permuted" if permuted else f"lookup-{TARGET}",
            f"dictionary:{SOURCE}-{TARGET}": "dictionary",
        }
        asked: dict[str, Any] = {
            "method": "phonexl", "preset": "pos-zho-vie", "task": "pos", "sources": SOURCE, "targets": TARGET,
            "backbone": str(self.folder / "model"), "data": str(self.folder / "labels"), "seeds": [self.seed],
            "resources": {key: str(self.folder / file) for key, file in resources.items()},
        }  # fmt: skip
        return run(**asked, set=[*kept, *set], drop=drop, out=self.folder / name)


@dataclass(frozen=True)
class Trained:
    """What a run has learnt, and the sentences that it learnt from."""

    net: Net
    rows: list[Tagged]
    temperature: float | None

    @classmethod
    def by(cls, made: RunFolder) -> Trained:
        lent, store = Lent.open(made.path, None), Store.at(None)
        folders = {stage.id: store.path(stage.key) for stage in lent.plan}
        (train,), (predict,) = lent.plan.of("train"), lent.plan.of("predict")
        answers, learns = (lent.job(stage, folders, made.path) for stage in (predict, train))
        net = assemble(answers.inputs, (TARGET,), "all", Reading.of(predict.details))
        labels = folders[f"labels({SOURCE}, pos, train)"]
        file = folders[train.id] / "loss-phonexl.align.safetensors"
        scale = float(load_file(file)["temperature"]) if file.is_file() else None
        return cls(net.eval(), with_forms(read_tagged(labels / EXAMPLES), labels, learns), scale)

    def found(self) -> float:
        """The share of words whose spelling is nearest to their own phonemes, among those of their sentence."""
        reader = LanguageReaders(self.net, lambda own: reader_for("word", own, 64, False, reads="word"))
        right = total = 0
        with torch.no_grad():
            for piece in reader.stretches(self.rows):
                batch = collate([piece], 0)
                one, other = (self.net.vectors(batch, stream)[0, piece.words] for stream in ("text", "phonemes"))
                similar = torch.nn.functional.normalize(one) @ torch.nn.functional.normalize(other).T
                right += int((similar.argmax(1) == torch.arange(len(one))).sum())
                total += len(one)
        return right / total


LOSSES = tuple(f"training.losses.phonexl.{name}" for name in ("align", "mlm", "xmlm"))
NO_IDS = "representation.text.language_ids=false"
VARIANTS: dict[str, dict[str, Any]] = {
    "spelling alone": {"set": ("representation=words",), "drop": (*LOSSES, "rewriting", "vocabulary", "embedding")},
    "phonemes": {"set": (NO_IDS,), "drop": LOSSES},
    "phonemes, language": {"drop": LOSSES},
    "phonemes, alignment": {"set": (NO_IDS,), "drop": LOSSES[1:]},
    "full": {},
    "full, no language": {"set": (NO_IDS,)},
}  # fmt: skip


def _tokenizer(found: list[Word]) -> Any:
    letters = [letter for word in found for letter in word.written.values()]
    numbers = {**SPECIAL, **{letter: len(SPECIAL) + n for n, letter in enumerate(letters)}}
    made = Tokenizer(WordPiece(numbers, unk_token="[UNK]"))
    made.pre_tokenizer = WhitespaceSplit()
    edges = [(name, SPECIAL[name]) for name in ("[CLS]", "[SEP]")]
    made.post_processor = TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", edges)
    roles = {f"{name[1:-1].lower()}_token": name for name in SPECIAL}
    return PreTrainedTokenizerFast(tokenizer_object=made, **roles)


def _model(found: list[Word], seed: int) -> Any:
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(SPECIAL) + 2 * len(found), hidden_size=64, num_hidden_layers=1, num_attention_heads=4,
        intermediate_size=256, max_position_embeddings=64,
    )  # fmt: skip
    return BertForMaskedLM(config)
