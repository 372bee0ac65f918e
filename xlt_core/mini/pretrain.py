"""Pretrain a small backbone: python -m xlt_core.mini.pretrain --kind subword --out DIR

Masked language modelling (MLM) of the split "text" alone, without labels, in the languages of `SEEN`: over single
sentences, over pairs of translations (TLM), and over sentences in which words stand in other languages. The last two
are there because MLM by itself does not make so small a model cross-lingual; the model has therefore seen parallel
text, and whatever is measured with it should say so. The same seed, number of steps and threads give the same weights
on the same build of PyTorch.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer
from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

from xlt_core.mini import SEEN
from xlt_core.mini.pieces import MASK, character_tokenizer, save_tokenizer, train_tokenizer
from xlt_core.mini.sound import sound_of
from xlt_core.mini.world import Sentence, sentences

PAD = 1
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Phase:
    """One course of training, with its own optimiser and stream of rows."""

    steps: int
    pairs: float
    """Share of rows that are a sentence and its translation."""
    mixed: float = 0.0
    """Share of rows that are a sentence with half of its words in other languages."""
    rate: float = 1.5e-3


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out."""

    kind: str = "subword"
    phases: tuple[Phase, ...] = (
        Phase(11_000, pairs=0.75),
        Phase(7_000, pairs=0.2, mixed=0.6, rate=1e-3),
        Phase(9_000, pairs=0.1, mixed=0.75, rate=1e-3),
    )
    rows: int = 64
    meanings: int = 12_000
    pieces: int = 8000
    longest: int = 128
    layers: int = 4
    width: int = 128
    masked: float = 0.25
    warmup: float = 0.06
    seed: int = 0
    languages: tuple[str, ...] = SEEN


RECIPES: Mapping[str, Recipe] = {
    "subword": Recipe(),
    "char": Recipe("char", (Phase(4_500, pairs=0.75),), rows=32, longest=192),
    "phoneme": Recipe("phoneme", (Phase(4_500, pairs=0.75),), rows=32, longest=192),
}
"""What each backbone reads, and how it was made."""


def small_config(pieces: int, longest: int, layers: int, width: int) -> XLMRobertaConfig:
    return XLMRobertaConfig(
        vocab_size=pieces,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        intermediate_size=4 * width,
        max_position_embeddings=longest + 2,
        type_vocab_size=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        bos_token_id=0,
        pad_token_id=PAD,
        eos_token_id=2,
        tie_word_embeddings=True,
    )


Form = tuple[str, list[str], tuple[str, ...]]
"""What is read of a sentence: the line as written, its words, and what each word says."""


def forms(kind: str, language: str) -> Callable[[Sentence], Form]:
    """What a backbone of this kind reads of a sentence."""
    if kind != "phoneme":
        return lambda row: (row.text, list(row.words), row.of)
    sound = sound_of(language)

    def spoken(row: Sentence) -> Form:
        sounds = [sound.ipa(word) for word in row.words]
        return " ".join(sounds), sounds, row.of

    return spoken


class Text:
    """The training sentences as piece ids: as written, word by word, or with words of other languages in them.

    A tagger feeds the model words one by one, which can give other pieces than running text does.
    """

    def __init__(self, worlds: Sequence[Sequence[Form]], tokenizer: Tokenizer, longest: int) -> None:
        def bare(encodings: Sequence[object]) -> list[list[int]]:
            return [encoding.ids[1:-1] for encoding in encodings]  # type: ignore[attr-defined]

        self.longest, self.worlds, self.tokenizer = longest, worlds, tokenizer
        self.written = [bare(tokenizer.encode_batch([text for text, _, _ in world])) for world in worlds]
        self.by_word = [
            bare(tokenizer.encode_batch([words for _, words, _ in world], is_pretokenized=True)) for world in worlds
        ]
        self._pieces: dict[str, list[int]] = {}

    def row(self, rng: Random, phase: Phase) -> list[int]:
        """<s> a </s>, or <s> a </s></s> b </s> where b says the same in another language, or <s> a and b </s>."""
        if phase.mixed and rng.random() < phase.mixed:
            return [0, *self._mixed(rng), 2][: self.longest]
        languages = len(self.written)
        guise = self.written if rng.random() < 0.5 else self.by_word
        at = int(rng.random() * len(guise[0]))
        first = int(rng.random() * languages)
        if rng.random() >= phase.pairs or languages == 1:
            return [0, *guise[first][at], 2][: self.longest]
        second = (first + 1 + int(rng.random() * (languages - 1))) % languages
        return [0, *guise[first][at], 2, 2, *guise[second][at], 2][: self.longest]

    def _mixed(self, rng: Random) -> list[int]:
        """A sentence in which about half of what is meant is said in other languages, one for each piece of meaning."""
        at = int(rng.random() * len(self.worlds[0]))
        _, words, said = self.worlds[int(rng.random() * len(self.worlds))][at]
        ids: list[int] = []
        gone: set[str] = set()
        for word, of in zip(words, said, strict=True):
            if of in gone:
                continue
            if of.partition("/")[2] and rng.random() < 0.5:
                gone.add(of)
                _, others, theirs = self.worlds[int(rng.random() * len(self.worlds))][at]
                for other, mark in zip(others, theirs, strict=True):
                    ids += self._pieces_of(other) if mark == of else []
            else:
                ids += self._pieces_of(word)
        return ids

    def _pieces_of(self, word: str) -> list[int]:
        if word not in self._pieces:
            self._pieces[word] = self.tokenizer.encode([word], is_pretokenized=True).ids[1:-1]
        return self._pieces[word]

    def batches(self, rng: Random, phase: Phase, size: int) -> Iterator[list[list[int]]]:
        """Rows of like length together, in an order that length does not decide."""
        while True:
            drawn = sorted((self.row(rng, phase) for _ in range(8 * size)), key=len)
            cut = [drawn[start : start + size] for start in range(0, len(drawn), size)]
            while cut:
                yield cut.pop(int(rng.random() * len(cut)))


def masked_batch(
    rows: Sequence[Sequence[int]], share: float, pieces: int, draw: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Input ids and targets; of the pieces to guess 80% are masked, 10% swapped and 10% left."""
    longest = max(len(row) for row in rows)
    ids = torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])
    guess = (torch.rand(ids.shape, generator=draw) < share) & (ids > 3)
    targets = ids.masked_fill(~guess, IGNORED)
    fate = torch.rand(ids.shape, generator=draw)
    other = torch.randint(4, pieces - 1, ids.shape, generator=draw)
    ids = torch.where(guess & (fate < 0.8), torch.full_like(ids, pieces - 1), ids)
    ids = torch.where(guess & (fate >= 0.9), other, ids)
    return ids, targets


def masked_loss(model: XLMRobertaForMaskedLM, ids: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Cross-entropy at the guessed places only: logits for all places would cost more than the encoder."""
    hidden = model.roberta(input_ids=ids, attention_mask=(ids != PAD).long()).last_hidden_state
    places = targets != IGNORED
    return torch.nn.functional.cross_entropy(model.lm_head(hidden[places]), targets[places])


def _sinusoids(places: int, width: int) -> torch.Tensor:
    angles = torch.arange(places)[:, None] / 10_000 ** (torch.arange(0, width, 2) / width)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(places, width)


def read_world(recipe: Recipe) -> tuple[Text, Tokenizer]:
    worlds = []
    for language in recipe.languages:
        form = forms(recipe.kind, language)
        worlds.append([form(row) for row in sentences(language, "text", recipe.meanings, recipe.seed)])
    lines = [" ".join(words) for world in worlds for _, words, _ in world]
    subword = recipe.kind == "subword"
    tokenizer = train_tokenizer(lines, recipe.pieces) if subword else character_tokenizer(lines)
    return Text(worlds, tokenizer, recipe.longest), tokenizer


def pretrain(recipe: Recipe, start: Path | None = None, done: int = 1) -> tuple[XLMRobertaForMaskedLM, Tokenizer]:
    """Train through all phases; or from the folder of a model that has been through the first `done` of them."""
    torch.manual_seed(recipe.seed)
    torch.use_deterministic_algorithms(True)
    text, tokenizer = read_world(recipe)
    pieces = tokenizer.get_vocab_size()
    assert tokenizer.token_to_id(MASK) == pieces - 1
    model = _new_model(pieces, recipe) if start is None else XLMRobertaForMaskedLM.from_pretrained(start)
    for number, phase in enumerate(recipe.phases):
        if number:
            # Phases meet in half precision, so that a model that was saved between them goes on to the same bits.
            model.half().float()
        if start is None or number >= done:
            _train(model.train(), text, phase, recipe, pieces, number)
    model.eval()
    return model, tokenizer


def _new_model(pieces: int, recipe: Recipe) -> XLMRobertaForMaskedLM:
    model = XLMRobertaForMaskedLM(small_config(pieces, recipe.longest, recipe.layers, recipe.width))
    with torch.no_grad():
        # Ordered positions from the start: a small model spends long learning them otherwise.
        places = model.roberta.embeddings.position_embeddings.weight
        places.copy_(_sinusoids(*places.shape) * 0.03)
    return model


def _train(model: XLMRobertaForMaskedLM, text: Text, phase: Phase, recipe: Recipe, pieces: int, number: int) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=phase.rate, betas=(0.9, 0.98), weight_decay=0.01)
    name = f"pretrain rows {recipe.seed}" + (f" phase {number}" if number else "")
    batches = text.batches(Random(name), phase, recipe.rows)
    draw = torch.Generator().manual_seed(recipe.seed + number)
    began = time.monotonic()
    running, tokens = 0.0, 0
    for step in range(phase.steps):
        done = step / phase.steps
        rate = phase.rate * min(done / recipe.warmup + 1e-3, (1 - done) / (1 - recipe.warmup))
        for group in optimizer.param_groups:
            group["lr"] = rate
        rows = next(batches)
        loss = masked_loss(model, *masked_batch(rows, recipe.masked, pieces, draw))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        tokens += sum(map(len, rows))
        running = loss.item() if step == 0 else 0.98 * running + 0.02 * loss.item()
        if step % 100 == 0:
            seconds = time.monotonic() - began
            told = f"{seconds:6.0f} s  {tokens / 1e6:6.2f} M tokens  loss {running:.3f}"
            print(f"phase {number}  step {step:6d}  {told}", flush=True)


def save(model: XLMRobertaForMaskedLM, tokenizer: Tokenizer, folder: Path) -> None:
    """Half-precision weights; the configuration asks for them to be read as float32."""
    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    model.float()
    model.config.dtype = torch.float32
    model.config.save_pretrained(folder)
    save_tokenizer(tokenizer, folder, model.config.max_position_embeddings - 2)


def main() -> None:
    parser = argparse.ArgumentParser(description="Pretrain a small backbone of the mini world.")
    parser.add_argument("--kind", choices=list(RECIPES), default="subword")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="a model that has been through some phases: go on from it")
    parser.add_argument("--done", type=int, default=1, help="how many phases it has been through")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = pretrain(replace(RECIPES[given.kind], seed=given.seed), given.start, given.done)
    save(model, tokenizer, given.out)


if __name__ == "__main__":
    main()
