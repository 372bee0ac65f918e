"""A tagger that was exported: torch, transformers and safetensors are all that it takes.

from load import load
load("THIS FOLDER").label([["Abebe", "Addis", "Ababa", "ነው"]])        # a list of labels for each list of words

For tasks about whole sentences each answer is a list of one label; of pairs, give ([words], [words]).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import partial, reduce
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch.nn import functional as F
from transformers import AutoModel, AutoTokenizer

ACTIVATIONS: dict[str, Any] = {
    "relu": F.relu, "leakyrelu": F.leaky_relu, "leaky_relu": F.leaky_relu, "silu": F.silu, "swish": F.silu,
    "gelu": F.gelu, "gelu_new": partial(F.gelu, approximate="tanh"), "tanh": torch.tanh, "sigmoid": torch.sigmoid,
}  # fmt: skip


class Adapter:
    """A folder of AdapterHub's: for each layer U·φ(D·x + b₁) + b₂, and a NICE coupling behind the embeddings."""

    def __init__(self, folder: Path) -> None:
        config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))["config"]
        self.activation = ACTIVATIONS[config["non_linearity"]]
        weights = torch.load(folder / "pytorch_adapter.bin", map_location="cpu", weights_only=True)
        self.layers: dict[str, dict[str, torch.Tensor]] = {}
        for name, weight in weights.items():
            inside = re.search(r"\.(\d+)\.output.*adapter_(down|up)(?:\.0)?\.(weight|bias)$", name)
            coupling = re.search(r"invertible_adapters\..*\.([FG])\.([02])\.(weight|bias)$", name)
            if inside:
                self.layers.setdefault(inside[1], {})[f"{inside[2]}.{inside[3]}"] = weight
            elif coupling:
                part = "down" if coupling[2] == "0" else "up"
                self.layers.setdefault(coupling[1], {})[f"{part}.{coupling[3]}"] = weight

    def __call__(self, place: str, x: torch.Tensor) -> torch.Tensor:
        """What its bottleneck of a layer makes of x."""
        own = {name: weight.to(x.device) for name, weight in self.layers[place].items()}
        inner = self.activation(F.linear(x, own["down.weight"], own["down.bias"]))
        return F.linear(inner, own["up.weight"], own["up.bias"])

    def coupled(self, x: torch.Tensor) -> torch.Tensor:
        """o₁ = e₁ + F(e₂), o₂ = e₂ + G(o₁)."""
        first, second = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :]
        first = first + self("F", second)
        return torch.cat((first, second + self("G", first)), dim=-1)


class Tagger:
    """An encoder with what was trained for it, and the tokenizer that reads the language."""

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        self.told = json.loads((folder / "export.json").read_text(encoding="utf-8"))
        self.tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")
        beside = {"pretrained_model_name_or_path": folder / "backbone"} if (folder / "backbone").is_dir() else {}
        whole = AutoModel.from_pretrained(**{**self.told["backbone"], **beside})
        if (folder / "rows.safetensors").is_file():
            rows = load_file(folder / "rows.safetensors")["words"]
            whole.get_input_embeddings().weight = torch.nn.Parameter(rows)
        self.encoder = _at(whole, self.told["encoder"]).to(device).eval()
        self.device = device
        self.adapters: list[Adapter] = []
        self.language = Adapter(folder / "language") if (folder / "language").is_dir() else None
        self.members = []
        for name, weight in self.told["members"].items():
            task = Adapter(folder / name) if (folder / name / "adapter_config.json").is_file() else None
            self.members.append((weight, task, load_file(folder / name / "head.safetensors")))
        self._hook(whole)

    def _hook(self, whole: Any) -> None:
        """Let adapters act where a layer's sum is formed: before its last LayerNorm, or at the block's end."""
        for number, layer in enumerate(_at(whole, self.told["layers"])):
            act = partial(self._act, str(number))
            norm = getattr(_at(layer, self.told["feed_forward"]), "LayerNorm", None)
            if norm is not None:
                norm.register_forward_pre_hook(lambda norm, given, act=act: act(given[0], norm.forward))
            else:
                layer.register_forward_hook(lambda _layer, _given, out, act=act: _first(out, lambda s: act(s, _same)))
        if self.language is not None and "F" in self.language.layers:
            embeddings = _at(whole, self.told["embeddings"])
            embeddings.register_forward_hook(lambda _module, _given, out: self.language.coupled(out))

    def _act(self, layer: str, total: torch.Tensor, norm: Any) -> torch.Tensor:
        for adapter in self.adapters:
            total = total + adapter(layer, norm(total)) if layer in adapter.layers else total
        return total

    @torch.inference_mode()
    def logits(self, ids: torch.Tensor, attention: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
        """Scores of every piece, those of several task models mixed: Σ w·(W·h + b)."""
        total = torch.zeros(())
        apart = {"token_type_ids": segments} if self.told["second"] else {}
        for weight, task, head in self.members:
            self.adapters = [part for part in (self.language, task) if part is not None]
            states = self.encoder(input_ids=ids, attention_mask=attention, **apart).last_hidden_state
            total = total + weight * self._scores(states, attention, head).cpu()
        return total

    def _scores(self, states: torch.Tensor, attention: torch.Tensor, head: dict[str, torch.Tensor]) -> torch.Tensor:
        """A head's scores: of the mean where that speaks for a sentence, through one layer more where there is one."""
        head = {name: weight.to(states.device) for name, weight in head.items()}
        if self.told["pool"] == "mean":
            there = attention.unsqueeze(-1).to(states.dtype)
            states = (states * there).sum(1, keepdim=True) / there.sum(1, keepdim=True)
        if "dense.weight" in head:
            states = torch.tanh(F.linear(states, head["dense.weight"], head["dense.bias"]))
        return F.linear(states, head["weight"], head["bias"])

    def label(self, sentences: Sequence[Any], at_once: int = 32) -> list[list[str]]:
        """The labels of each sentence's words, or the one label of each sentence or pair."""
        stretches = [(n, *stretch) for n, sentence in enumerate(sentences) for stretch in self._stretches(sentence)]
        stretches.sort(key=lambda stretch: len(stretch[1]))
        found: list[dict[int, torch.Tensor]] = [{} for _ in sentences]
        for start in range(0, len(stretches), at_once):
            batch = stretches[start : start + at_once]
            ids = [torch.tensor(stretch[1]) for stretch in batch]
            padded = torch.nn.utils.rnn.pad_sequence(ids, True, self.tokenizer.pad_token_id)
            there = torch.nn.utils.rnn.pad_sequence([torch.ones_like(own) for own in ids], True)
            apart = torch.nn.utils.rnn.pad_sequence([torch.tensor(stretch[3]) for stretch in batch], True)
            scores = self.logits(*(own.to(self.device) for own in (padded, there, apart)))
            for own, (sentence, _, firsts, _) in zip(scores, batch, strict=True):
                found[sentence].update({word: own[place] for place, word in firsts})
        return [self._best(sentence, own) for sentence, own in zip(sentences, found, strict=True)]

    def _stretches(self, sentence: Any) -> Iterator[tuple[list[int], list[tuple[int, int]], list[int]]]:
        """Ids that fit the model, (place, word) of each word's first piece, and of each id the text of a pair."""
        told, before, after = self.told, self.told["before"], self.told["after"]
        room = told["max_length"] - len(before) - len(after)
        if told["unit"] in ("sentence", "pair"):
            texts = sentence if told["unit"] == "pair" else (sentence,)
            parts = [[piece for word in self._pieces(text, room) for piece in word] for text in texts]
            between = told["between"] if len(parts) > 1 else []
            while sum(map(len, parts)) > room - len(between):
                max(parts, key=len).pop()
            second = [*parts[1], *after] if len(parts) > 1 else []
            start = [*before, *parts[0], *between, *([] if second else after)]
            yield [*start, *second], [(0, 0)], [*[0] * len(start), *[told["second"]] * len(second)]
            return
        ids = list(before)
        firsts: list[tuple[int, int]] = []
        for word, pieces in enumerate(self._pieces(sentence, room)):
            if firsts and len(ids) - len(before) + len(pieces) > room:
                yield [*ids, *after], firsts, [0] * (len(ids) + len(after))
                ids, firsts = list(before), []
                if told["too_long"] == "truncate":
                    return
            firsts.append((len(ids), word))
            ids += pieces
        if firsts:
            yield [*ids, *after], firsts, [0] * (len(ids) + len(after))

    def _pieces(self, words: Sequence[str], room: int) -> list[list[int]]:
        if not words:
            return []
        coded = self.tokenizer([list(words)], is_split_into_words=True, add_special_tokens=False)
        pieces: list[list[int]] = [[] for _ in words]
        for piece, word in zip(coded["input_ids"][0], coded.word_ids(0), strict=True):
            if word is not None:
                pieces[word].append(piece)
        return [own[:room] or [self.tokenizer.unk_token_id] for own in pieces]

    def _best(self, sentence: Any, scores: dict[int, torch.Tensor]) -> list[str]:
        labels, units = self.told["labels"], 1 if self.told["unit"] in ("sentence", "pair") else len(sentence)
        emissions = [scores[word] for word in sorted(scores)]
        head = self.members[0][2]
        if "crf.start" in head and emissions:
            best = _viterbi(emissions, head["crf.start"], head["crf.step"], head["crf.end"])
        else:
            best = [int(own[: len(labels)].argmax()) for own in emissions]
        unread = "O" if "O" in labels else "_"
        return [labels[number] for number in best] + [unread] * (units - len(best))


def load(folder: str | Path, device: str = "cpu") -> Tagger:
    """The tagger in a folder that `xlt export` wrote."""
    return Tagger(Path(folder), device)


def _viterbi(emissions: list[torch.Tensor], start: torch.Tensor, step: torch.Tensor, end: torch.Tensor) -> list[int]:
    """The best path of start[y₁] + Σ emission + Σ step + end[y_T]."""
    score, came = start + emissions[0], []
    for emission in emissions[1:]:
        value, before = (score.unsqueeze(1) + step).max(dim=0)
        score = value + emission
        came.append(before)
    path = [int((score + end).argmax())]
    for before in reversed(came):
        path.append(int(before[path[-1]]))
    return path[::-1]


def _at(module: Any, path: str) -> Any:
    return reduce(getattr, path.split(".") if path else [], module)


def _same(states: torch.Tensor) -> torch.Tensor:
    return states


def _first(out: Any, change: Any) -> Any:
    return (change(out[0]), *out[1:]) if isinstance(out, tuple) else change(out)
