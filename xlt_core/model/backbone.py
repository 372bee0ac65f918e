"""One handle for every backbone: its vectors, its layers, the states of a chosen layer, its language-model head."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from xlt_core.model.architecture import ARCHITECTURES, Architecture, at_path
from xlt_core.model.products import linear, use_products


class NoSuchAbility(ValueError):
    """What was asked for is nothing that this architecture can do; the message gives the reason."""


class BackboneModel(nn.Module):
    """A pretrained model behind the same handles whatever its architecture.

    >>> model = BackboneModel.load(folder)                        # doctest: +SKIP
    >>> states = model.states(ids, attention, layers=(8, "last"))  # doctest: +SKIP
    >>> model.vocabulary_logits(states["last"][masked])            # doctest: +SKIP
    """

    def __init__(self, model: Any, tokenizer: Any = None) -> None:
        super().__init__()
        kind = model.config.model_type
        if kind not in ARCHITECTURES:
            raise NoSuchAbility(f"models of the kind {kind} aren't known; known are {', '.join(ARCHITECTURES)}")
        self.architecture: Architecture = ARCHITECTURES[kind]
        self.model = model
        use_products(model)
        self.tokenizer = tokenizer
        self.before_decoder: Callable[[torch.Tensor], torch.Tensor] | None = None
        """What the head's states pass through last: the inverse of an invertible adapter."""
        self.acting: AbstractContextManager[object] | None = None
        """The adapters that act on the model now; entered again, they act on it again."""

    @classmethod
    def load(cls, folder: Path) -> BackboneModel:
        """The model in a folder, in fp32, with its head; nothing remote, nothing pickled."""
        from xlt_core.model.load import load_model

        return cls(*load_model(folder))

    @property
    def base(self) -> Any:
        """The model without its head."""
        body = self.architecture.body
        return getattr(self.model, body) if body and hasattr(self.model, body) else self.model

    @property
    def has_head(self) -> bool:
        return self.base is not self.model

    @property
    def config(self) -> Any:
        return self.model.config

    @property
    def width(self) -> int:
        return int(self.config.hidden_size)

    @property
    def layers(self) -> nn.ModuleList:
        layers: nn.ModuleList = at_path(self.base, self.architecture.layers)
        return layers

    @property
    def decoder_layers(self) -> nn.ModuleList:
        """The layers of what writes a text again; none where nothing does."""
        path = self.architecture.decoder_layers
        layers: nn.ModuleList = at_path(self.base, path) if path else nn.ModuleList()
        return layers

    @property
    def embeddings(self) -> nn.Module:
        """The module whose output enters the first layer."""
        module: nn.Module = at_path(self.base, self.architecture.embeddings)
        return module

    @property
    def words(self) -> nn.Embedding:
        """The table of the vocabulary's vectors."""
        if not self.architecture.words:
            why = "hashes characters and has no vocabulary"
            raise NoSuchAbility(f"{self.architecture.kind} {why}, so there are no vectors to read, replace or extend")
        table: nn.Embedding = at_path(self.base, self.architecture.words)
        return table

    def states(
        self,
        ids: torch.Tensor | None,
        attention: torch.Tensor,
        layers: Iterable[int | str] = ("last",),
        vectors: torch.Tensor | None = None,
        places: torch.Tensor | None = None,
        segments: torch.Tensor | None = None,
    ) -> dict[int | str, torch.Tensor]:
        """Hidden states of the layers asked for, [examples, units, width]; 0 is what enters the first layer.

        `vectors` stand in the place of the ids' word vectors, `places` in that of positions counted from 0; `segments`
        tell the second text of a pair from the first. Layers that nobody asked for aren't kept.
        """
        asked = set(layers)
        kept: dict[int | str, torch.Tensor] = {}
        given = {"input_ids": ids} if vectors is None else {"inputs_embeds": vectors}
        if places is not None:
            given["position_ids"] = places + self._first_place
        if segments is not None and self.architecture.segments:
            given["token_type_ids"] = segments
        with self._catching(asked - {"last"}, kept):
            out = self._encoder(attention_mask=attention, **given)
        if "last" in asked:
            kept["last"] = out.last_hidden_state
        return kept

    @property
    def _first_place(self) -> int:
        if not self.architecture.places:
            raise NoSuchAbility(f"{self.architecture.kind} counts positions itself, and they can't begin anew")
        return int(self.config.pad_token_id) + 1 if self.architecture.positions_from_pad else 0

    @property
    def _encoder(self) -> Any:
        return at_path(self.base, self.architecture.encoder)

    @contextmanager
    def _catching(self, asked: set[int | str], kept: dict[int | str, torch.Tensor]) -> Iterator[None]:
        """Keep the outputs of some layers while the model runs."""
        depth = len(self.layers)
        handles = []
        for layer in asked:
            number = int(layer)
            if not 0 <= number <= depth:
                raise NoSuchAbility(f"there is no layer {layer} to read: this model has 0 to {depth}")
            if number == 0:
                handles.append(self.layers[0].register_forward_pre_hook(_keep_input(kept, layer), with_kwargs=True))
            else:
                handles.append(self.layers[number - 1].register_forward_hook(_keep_output(kept, layer)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def vocabulary_logits(self, states: torch.Tensor) -> torch.Tensor:
        """Scores of every piece for states of the last layer, given only where they are wanted: [places, width]."""
        shape = self.architecture
        states = self.before_output(states)
        decoder = at_path(self.model, shape.decoder)
        # The head's own bias is the decoder's only where the two are tied.
        own = decoder.bias if decoder.bias is not None else at_path(self.model, shape.bias) if shape.bias else None
        bias: torch.Tensor | None = None if own is None else own.reshape(-1)
        if bias is not None and torch.is_autocast_enabled(states.device.type):  # it would round the bias
            return linear(states, decoder.weight) + bias
        return linear(states, decoder.weight, bias)

    def rebuilt(self, states: torch.Tensor, attention: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """The decoder's states for a text when it is told what comes before each place: [examples, units, width].

        The text's last id, its language's, comes first, as the model learned it.
        """
        if not self.architecture.rebuilder:
            raise NoSuchAbility(f"{self.architecture.kind} has no decoder that could write a text again")
        from transformers.models.mbart.modeling_mbart import shift_tokens_right

        asked = {"encoder_hidden_states": states, "encoder_attention_mask": attention}
        decoder = at_path(self.base, self.architecture.rebuilder)
        found: torch.Tensor = decoder(
            input_ids=shift_tokens_right(ids, self.words.padding_idx), use_cache=False, **asked
        ).last_hidden_state
        return found

    def before_output(self, states: torch.Tensor) -> torch.Tensor:
        """What the output matrix is multiplied with: states after the head's transform, and `before_decoder`."""
        shape = self.architecture
        if not self.has_head or shape.head == "none":
            raise NoSuchAbility(f"{shape.kind} was loaded without a language-model head, or has none")
        if shape.head == "masked":
            states = self._transformed(states)
        return states if self.before_decoder is None else self.before_decoder(states)

    def _transformed(self, states: torch.Tensor) -> torch.Tensor:
        transform = at_path(self.model, self.architecture.transform)
        if hasattr(transform, "layer_norm"):
            gelu: torch.Tensor = torch.nn.functional.gelu(transform.dense(states))
            normed: torch.Tensor = transform.layer_norm(gelu)
            return normed
        whole: torch.Tensor = transform(states)
        return whole


Kept = dict[int | str, torch.Tensor]


def _keep_input(kept: Kept, layer: int | str) -> Callable[..., None]:
    def hook(module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        kept[layer] = given[0] if given else named["hidden_states"]

    return hook


def _keep_output(kept: Kept, layer: int | str) -> Callable[..., None]:
    def hook(module: nn.Module, given: tuple[Any, ...], out: Any) -> None:
        kept[layer] = out[0] if isinstance(out, tuple) else out

    return hook
