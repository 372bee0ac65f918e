"""Adapters: small modules trained inside a frozen backbone, attached by hooks and taken off without a trace.

Both endings of blocks come down to one rule. Let s = z + r be what the feed-forward part gave plus its residual, and
N the LayerNorm that follows the sum, or nothing where none does. Each adapter of a stack does

    s ← s + U·φ(D·N(s) + b₁) + b₂

and the layer gives N(s). With z = s − r this is AdapterHub's `seq_bn`: x = N(z + r), z ← U·φ(D·x + b₁) + b₂ + z.

Where a decoder writes a text again, a language's adapter may act in its layers, too, and its one invertible part
stands at both embeddings. A task's never does: heads read the encoder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Self, cast

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

from xlt_core.model.architecture import at_path
from xlt_core.model.backbone import BackboneModel, NoSuchAbility
from xlt_core.model.products import Linear

Function = Callable[[torch.Tensor], torch.Tensor]
ACTIVATIONS: dict[str, Function] = {
    "relu": F.relu, "leakyrelu": F.leaky_relu, "leaky_relu": F.leaky_relu, "silu": F.silu, "swish": F.silu,
    "gelu": F.gelu, "gelu_new": partial(F.gelu, approximate="tanh"), "tanh": torch.tanh, "sigmoid": torch.sigmoid,
}  # fmt: skip
SUMS_LAST = {"gpt2", "mbart"}  # blocks that end with the sum and no LayerNorm; a plugin adds its own
DROPPING = ("encoder_layerdrop", "decoder_layerdrop")
"""Settings by which layers are left out in training: what stands before the first one would be left out with it."""
SPLIT_REFUSED = {"canine": "joins its deep layers' states to those of the characters, which aren't repeated"}
NICE_REFUSED = {"none": "has no output matrix for the inverse to stand before"}
WEIGHTS, ABOUT = "adapter.safetensors", "adapter.json"


def _linear(entering: int, leaving: int, draw: torch.Generator) -> nn.Linear:
    # made without memory first: the layer's own initialisation would draw from the global generator
    made = Linear(entering, leaving, device="meta").to_empty(device="cpu")
    nn.init.normal_(made.weight, 0.0, 0.02, generator=draw)
    nn.init.zeros_(made.bias)
    return made


class Bottleneck(nn.Module):
    """U·φ(D·x + b₁) + b₂, by way of width / reduction numbers; what it gives is added to what it stands on.

    >>> Bottleneck(8, 2, "relu", torch.Generator().manual_seed(0))(torch.zeros(1, 8)).shape
    torch.Size([1, 8])
    """

    def __init__(self, width: int, reduction: float, activation: str, draw: torch.Generator, leaving: int = 0) -> None:
        super().__init__()
        inner = max(1, int(width // reduction))
        self.down, self.up = _linear(width, inner, draw), _linear(inner, leaving or width, draw)
        self.activation = activation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return cast(torch.Tensor, self.up(ACTIVATIONS[self.activation](self.down(x))))


class Invertible(nn.Module):
    """NICE coupling: o₁ = e₁ + F(e₂), o₂ = e₂ + G(o₁), and back: e₂ = o₂ − G(o₁), e₁ = o₁ − F(e₂).

    e₁ is the first ⌊width/2⌋ numbers. `inverse(forward(e))` is e up to rounding.
    """

    def __init__(self, width: int, reduction: float, activation: str, draw: torch.Generator) -> None:
        super().__init__()
        self.cut = width // 2
        self.f = Bottleneck(width - self.cut, reduction, activation, draw, leaving=self.cut)
        self.g = Bottleneck(self.cut, reduction, activation, draw, leaving=width - self.cut)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first, second = x[..., : self.cut], x[..., self.cut :]
        first = first + self.f(second)
        return torch.cat((first, second + self.g(first)), dim=-1)

    def inverse(self, x: torch.Tensor) -> torch.Tensor:
        first, second = x[..., : self.cut], x[..., self.cut :]
        second = second - self.g(first)
        return torch.cat((first - self.f(second), second), dim=-1)


@dataclass(frozen=True, slots=True)
class AdapterShape:
    """What an adapter is made of, and which backbones it fits.

    >>> AdapterShape("bert", width=768, depth=12, reduction=2, leave_out=(-1,)).acting[-1]
    10
    """

    backbone: str
    width: int
    depth: int
    reduction: float | Mapping[str, float] = 16
    """One for all layers, or by the layer's number, with `default` for the rest."""
    activation: str = "gelu"
    leave_out: tuple[int, ...] = ()
    """Layers without a bottleneck; negative numbers count from the end."""
    inverse_reduction: float | None = None  # None for no invertible part
    decoder_depth: int = 0
    """Layers of the decoder in which it acts, too; 0 for none."""
    decoder_leave_out: tuple[int, ...] | None = None
    """Layers of the decoder without a bottleneck; those of the encoder, if nothing is said."""

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"no activation is called {self.activation!r}; known are {', '.join(ACTIVATIONS)}")
        if any(not -self.depth <= layer < self.depth for layer in self.leave_out):
            raise ValueError(f"leave_out {self.leave_out}: this model's layers are 0 to {self.depth - 1}")
        other = self.leave_out if self.decoder_leave_out is None else self.decoder_leave_out
        object.__setattr__(self, "decoder_leave_out", _counted(other, self.decoder_depth))
        object.__setattr__(self, "leave_out", _counted(self.leave_out, self.depth))

    @classmethod
    def of(cls, model: BackboneModel, decoder: bool = False, **chosen: Any) -> AdapterShape:
        """The shape for this model: `AdapterShape.of(model, reduction=2, activation="relu")`.

        With `decoder` it acts in the layers of the decoder, too, if the model has one.
        """
        depth = len(model.decoder_layers) if decoder else 0
        return cls(model.architecture.kind, model.width, len(model.layers), decoder_depth=depth, **chosen)

    @property
    def acting(self) -> tuple[int, ...]:
        return tuple(layer for layer in range(self.depth) if layer not in self.leave_out)

    @property
    def acting_in_decoder(self) -> tuple[int, ...]:
        assert self.decoder_leave_out is not None
        return tuple(layer for layer in range(self.decoder_depth) if layer not in self.decoder_leave_out)

    def reduction_at(self, layer: int) -> float:
        given = self.reduction
        return given[str(layer) if str(layer) in given else "default"] if isinstance(given, Mapping) else given


def _counted(layers: Iterable[int], depth: int) -> tuple[int, ...]:
    """Numbers of layers from the first one; those that a stack of this depth hasn't got are left out."""
    return tuple(sorted({layer % depth for layer in layers if -depth <= layer < depth}))


class Adapter(nn.Module):
    """A bottleneck for each layer, and an invertible part if its shape says so; no part of the model it acts on.

    >>> amh = LanguageAdapter("amh", AdapterShape.of(model, inverse_reduction=2), draw)  # doctest: +SKIP
    >>> amh.save(folder); amh = LanguageAdapter.load(folder).requires_grad_(False)       # doctest: +SKIP
    """

    scope: ClassVar[str]

    def __init__(self, name: str, shape: AdapterShape, draw: torch.Generator) -> None:
        super().__init__()
        self.name, self.shape = name, shape
        width, phi, inverse = shape.width, shape.activation, shape.inverse_reduction
        self.layers = nn.ModuleDict({str(n): Bottleneck(width, shape.reduction_at(n), phi, draw) for n in shape.acting})
        self.invertible = Invertible(width, inverse, phi, draw) if inverse else None
        inside = shape.acting_in_decoder
        self.decoder = nn.ModuleDict({str(n): Bottleneck(width, shape.reduction_at(n), phi, draw) for n in inside})

    def save(self, folder: Path) -> None:
        """Its weights and what it is, alone, into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file({name: value.contiguous() for name, value in self.state_dict().items()}, folder / WEIGHTS)
        about = {"scope": self.scope, "name": self.name, "shape": asdict(self.shape)}
        (folder / ABOUT).write_text(json.dumps(about, indent=2, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The adapter that `save` put there, bit for bit."""
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        if about["scope"] != cls.scope:
            raise ValueError(f"{folder} holds a {about['scope']} adapter, and a {cls.scope} adapter was asked for")
        adapter = cls(about["name"], AdapterShape(**about["shape"]), torch.Generator())
        adapter.load_state_dict(load_file(folder / WEIGHTS), assign=True)
        return adapter


class LanguageAdapter(Adapter):
    """What a language adds: the first of a stack, with an invertible part where words are to be predicted."""

    scope = "language"


class TaskAdapter(Adapter):
    """What a task adds, on top of a language; its head reads states, so there is nothing to invert."""

    scope = "task"


def batched_linear(members: Sequence[Any], x: torch.Tensor) -> torch.Tensor:
    """Row k through member k in one product, [K, ..., in] → [K, ..., out]: K heads of one size over K tasks' states."""
    if len({member.weight.shape for member in members}) != 1:
        raise ValueError(f"one product needs maps of one size, got {[tuple(m.weight.shape) for m in members]}")
    weight = torch.stack([member.weight for member in members]).transpose(1, 2)
    bias = torch.stack([member.bias for member in members]).unsqueeze(1)
    return torch.baddbmm(bias, x.flatten(1, -2), weight).reshape(*x.shape[:-1], -1)


class ParallelTaskAdapters(nn.Module):
    """K task adapters of one shape, side by side: adapter k acts on the k-th copy of the batch, and on nothing else.

    >>> stack = Stack(model, [amh, ParallelTaskAdapters([eng, zho])]).attach()               # doctest: +SKIP
    >>> scores = batched_linear([eng_head, zho_head], stack.states(ids, attention)["last"])  # doctest: +SKIP
    """

    def __init__(self, adapters: Sequence[TaskAdapter]) -> None:
        super().__init__()
        if len({str(adapter.shape) for adapter in adapters}) != 1:
            raise ValueError(f"adapters side by side need one shape, got {[adapter.shape for adapter in adapters]}")
        self.adapters, self.shape, self.invertible = nn.ModuleList(adapters), adapters[0].shape, None

    def change(self, layer: int, x: torch.Tensor) -> torch.Tensor:
        """What each adapter's bottleneck of this layer makes of its own slice, [K, ..., width]."""
        members = [self.adapters.get_submodule(f"{k}.layers.{layer}") for k in range(len(self.adapters))]
        inner = ACTIVATIONS[self.shape.activation](batched_linear([member.down for member in members], x))
        return batched_linear([member.up for member in members], inner)


class Stack(ExitStack):
    """Adapters that act on a model one after the other: a language, then a task or several tasks side by side.

    >>> with Stack(model, [amh, ner]) as stack:            # doctest: +SKIP
    ...     states = stack.states(ids, attention)["last"]  # [B, T, width]; of K tasks side by side [K, B, T, width]
    """

    def __init__(self, model: BackboneModel, adapters: Sequence[Adapter | ParallelTaskAdapters]) -> None:
        super().__init__()
        self.model, self.adapters, self.invertible = model, list(adapters), adapters[0].invertible
        self.beside = adapters[-1] if isinstance(adapters[-1], ParallelTaskAdapters) else None
        self.copies = len(self.beside.adapters) if self.beside else 1
        shape, here = model.architecture, AdapterShape.of(model)
        self.split_at = min(self.beside.shape.acting, default=here.depth) if self.beside else here.depth
        if any(isinstance(below, ParallelTaskAdapters) or above.invertible for below, above in pairwise(adapters)):
            raise ValueError("only a stack's first adapter can have an invertible part, and only its last be many")
        for fits in (adapter.shape for adapter in adapters):
            same = (fits.backbone, fits.width, fits.depth) == (here.backbone, here.width, here.depth)
            if not same or fits.decoder_depth not in (0, len(model.decoder_layers)):
                raise NoSuchAbility(f"an adapter for {fits} can't act on {here}")
        dropping = [name for name in DROPPING if getattr(model.config, name, 0)]
        drops = f"leaves layers out at random ({', '.join(dropping)} in its config.json)" if dropping else ""
        if self.beside and (why := SPLIT_REFUSED.get(shape.kind, drops)):
            raise NoSuchAbility(f"tasks can't stand side by side: {shape.kind} {why}")
        if self.invertible and (why := NICE_REFUSED.get(shape.head, drops)):
            raise NoSuchAbility(f"{shape.kind} can't have an invertible adapter: it {why}")

    def attach(self) -> Self:
        """Act on the model from now on, until `detach` leaves it as it was."""
        if self.model.acting is not None or self.model.before_decoder is not None:
            raise ValueError("adapters act on this model already; detach them first")
        for number, layer in enumerate(self.model.layers):
            self.callback(_hook_sum(self.model, layer, partial(self._at_sum, number)).remove)
            if number > self.split_at:
                self.callback(layer.register_forward_pre_hook(self._repeat_masks, with_kwargs=True).remove)
        for number, layer in enumerate(self.model.decoder_layers):
            self.callback(_hook_sum(self.model, layer, partial(self._at_sum_in_decoder, number)).remove)
        if (part := self.invertible) is not None:
            for layers in filter(len, (self.model.layers, self.model.decoder_layers)):
                hook = layers[0].register_forward_pre_hook(partial(_entering, part), prepend=True, with_kwargs=True)
                self.callback(hook.remove)
            self.callback(setattr, self.model, "before_decoder", None)
            self.model.before_decoder = part.inverse
        self.model.acting = self
        self.callback(setattr, self.model, "acting", None)
        return self

    __enter__, detach = attach, ExitStack.close

    def states(
        self, ids: torch.Tensor | None, attention: torch.Tensor, layers: Iterable[int | str] = ("last",), **more: Any
    ) -> dict[int | str, torch.Tensor]:
        """The model's `states`; with K tasks side by side [K, B, T, width], as a view where they share a layer's."""
        found = self.model.states(ids, attention, layers, **more)
        if self.beside is None:
            return found
        return {layer: _apart(states, self.copies, len(states) == len(attention)) for layer, states in found.items()}

    def _at_sum(self, layer: int, total: torch.Tensor, norm: Function) -> torch.Tensor:
        """s, changed by each adapter that acts in this layer."""
        for adapter in self.adapters:
            if layer in adapter.shape.acting and isinstance(adapter, Adapter):
                total = total + adapter.layers[str(layer)](norm(total))
        if self.beside is None or layer not in self.beside.shape.acting:
            return total
        shared = layer == self.split_at  # until here the tasks share one pass
        change = self.beside.change(layer, _apart(norm(total), self.copies, shared))
        return (_apart(total, self.copies, shared) + change).flatten(0, 1)

    def _at_sum_in_decoder(self, layer: int, total: torch.Tensor, norm: Function) -> torch.Tensor:
        for adapter in self.adapters:
            if layer in adapter.shape.acting_in_decoder and isinstance(adapter, Adapter):
                total = total + adapter.decoder[str(layer)](norm(total))
        return total

    def _repeat_masks(self, _: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Whatever a layer is given for each example, besides its states, is repeated as they were."""
        rows = len(given[0] if given else named["hidden_states"])

        def fit(value: Any) -> Any:
            once = isinstance(value, torch.Tensor) and value.ndim > 1 and len(value) * self.copies == rows
            return value.repeat(self.copies, *[1] * (value.ndim - 1)) if once else value

        return tuple(fit(value) for value in given), {name: fit(value) for name, value in named.items()}


def _entering(change: Function, _: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """A layer's states, changed before they enter it."""
    if given:
        return (change(given[0]), *given[1:]), named
    return given, {**named, "hidden_states": change(named["hidden_states"])}


def _apart(states: torch.Tensor, copies: int, shared: bool) -> torch.Tensor:
    """[K, B, ...] of states that K tasks share, or that stand there task by task."""
    return states.expand(copies, *states.shape) if shared else states.reshape(copies, -1, *states.shape[1:])


def _hook_sum(model: BackboneModel, layer: nn.Module, change: Callable[[torch.Tensor, Function], torch.Tensor]) -> Any:
    """Change s wherever this architecture forms it: before its last LayerNorm, or at the block's end."""
    norm = getattr(at_path(layer, model.architecture.feed_forward), "LayerNorm", None)
    if norm is not None:
        # its forward is called by itself: calling the module would come back to this hook
        return norm.register_forward_pre_hook(lambda module, given: change(given[0], module.forward))
    if model.architecture.kind in SUMS_LAST:
        # first of all hooks: who reads this layer's output reads what the adapters made of it
        return layer.register_forward_hook(lambda _module, _given, out: change(out, lambda s: s), prepend=True)
    raise NoSuchAbility(f"adapters can't act on {model.architecture.kind}: where its blocks end isn't known")
