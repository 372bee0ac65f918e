"""Adapters against the equations written out, one pass against K, and a model that is left as it was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from xlt_core.model import adapters as module  # noqa: E402
from xlt_core.model.adapters import AdapterShape, LanguageAdapter, ParallelTaskAdapters, Stack, TaskAdapter  # noqa: E402
from xlt_core.model.backbone import BackboneModel, NoSuchAbility  # noqa: E402

SMALL = {"hidden_size": 16, "num_hidden_layers": 4, "num_attention_heads": 2, "intermediate_size": 32}
MBART = {"d_model": 16, "encoder_layers": 4, "decoder_layers": 3, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32,
         "encoder_attention_heads": 2, "decoder_attention_heads": 2, "max_position_embeddings": 40}  # fmt: skip
MADE = {
    "xlm-roberta": ("AutoModelForMaskedLM", {**SMALL, "max_position_embeddings": 40, "pad_token_id": 1}),
    "roberta": ("AutoModelForMaskedLM", {**SMALL, "max_position_embeddings": 40, "pad_token_id": 1}),
    "bert": ("AutoModelForMaskedLM", SMALL),
    "canine": ("AutoModel", {**SMALL, "num_hash_buckets": 64, "max_position_embeddings": 128}),
    "mbart": ("AutoModelForSeq2SeqLM", MBART),
    "gpt2": ("AutoModelForCausalLM", {"n_embd": 16, "n_layer": 4, "n_head": 2, "n_positions": 40}),
}
SPLIT = [kind for kind in MADE if kind != "canine"]


def tiny(kind: str) -> BackboneModel:
    torch.manual_seed(0)
    auto, options = MADE[kind]
    size = {} if kind == "canine" else {"vocab_size": 60}
    made = getattr(transformers, auto).from_config(transformers.AutoConfig.for_model(kind, **options, **size))
    for name, weight in made.named_parameters():
        if "norm" in name.lower() or "ln_" in name or name.endswith("bias"):  # as if trained: neither 1 nor 0
            weight.data += 0.2 * torch.randn(weight.shape)
    return BackboneModel(made).eval().requires_grad_(False)


def inputs(kind: str, padded: bool = True) -> tuple[Any, Any]:
    torch.manual_seed(1)
    ids = torch.randint(4, 60, (3, 32 if kind == "canine" else 9))
    attention = torch.ones_like(ids)
    if padded:
        attention[1, -3:] = attention[2, -1:] = 0
    return ids, attention


def strong(adapter: Any, seed: int) -> Any:
    """The adapter with weights large enough to be seen in every number."""
    draw = torch.Generator().manual_seed(seed)
    for weight in adapter.parameters():
        weight.data.copy_(0.3 * torch.randn(weight.shape, generator=draw))
    return adapter


def language(model: BackboneModel, seed: int = 1, **chosen: Any) -> Any:
    shape = AdapterShape.of(model, **{"reduction": 2, "activation": "relu", **chosen})
    return strong(LanguageAdapter("x", shape, torch.Generator()), seed)


def task(model: BackboneModel, seed: int = 2, **chosen: Any) -> Any:
    return strong(TaskAdapter("t", AdapterShape.of(model, **{"reduction": 4, **chosen}), torch.Generator()), seed)


def set_linear(linear: Any, weight: list[Any], bias: list[float]) -> None:
    linear.weight.data, linear.bias.data = (torch.tensor(v, dtype=torch.float64) for v in (weight, bias))


def test_coupling_by_hand() -> None:
    nice = module.Invertible(4, 2, "relu", torch.Generator()).double()
    set_linear(nice.f.down, [[0.5, -0.25]], [0.1])
    set_linear(nice.f.up, [[1.0], [-2.0]], [0.0, 0.5])
    set_linear(nice.g.down, [[1.0, 0.5]], [0.2])
    set_linear(nice.g.up, [[-1.0], [0.5]], [0.3, 0.0])
    numbers = [[1.0, 2.0, 3.0, -1.0], [2.85, -1.2, 0.85, 0.225], [-2.075, 7.65, 4.9, -2.1]]
    x, forward, back = torch.tensor(numbers, dtype=torch.float64)
    for got, wanted in ((nice(x), forward), (nice.inverse(forward), x), (nice.inverse(x), back)):
        torch.testing.assert_close(got, wanted, atol=1e-12, rtol=0)


@settings(max_examples=30, deadline=None)
@given(width=st.integers(2, 33), activation=st.sampled_from(sorted(module.ACTIVATIONS)), seed=st.integers(0, 10_000))
def test_inverse_undoes_forward_and_forward_undoes_inverse(width: int, activation: str, seed: int) -> None:
    nice = strong(module.Invertible(width, 2, activation, torch.Generator()), seed).double()
    x = torch.randn(2, 3, width, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(nice.inverse(nice(x)), x, atol=1e-10, rtol=1e-10)
    torch.testing.assert_close(nice(nice.inverse(x)), x, atol=1e-10, rtol=1e-10)


def by_hand_model() -> tuple[Any, ...]:
    """Width 4, one layer that gives f whatever it is given, LayerNorm without weights; two adapters with numbers."""
    config = transformers.BertConfig(**{**SMALL, "hidden_size": 4, "num_hidden_layers": 1}, vocab_size=9)
    model = BackboneModel(transformers.BertModel(config)).double().eval()
    out: Any = model.layers[0].output
    set_linear(out.dense, [[0.0] * 32] * 4, [1.0, 0.0, -1.0, 2.0])
    out.LayerNorm.eps = 0.0
    first = LanguageAdapter("x", AdapterShape.of(model, reduction=2, activation="relu"), torch.Generator()).double()
    second = TaskAdapter("t", AdapterShape.of(model, reduction=4, activation="gelu"), torch.Generator()).double()
    set_linear(first.layers["0"].down, [[1.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, 1.0]], [0.0, 0.0])
    set_linear(first.layers["0"].up, [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]], [0.0] * 4)
    set_linear(second.layers["0"].down, [[1.0, 1.0, 0.0, 0.0]], [0.0])
    set_linear(second.layers["0"].up, [[1.0], [0.0], [0.0], [-1.0]], [0.0] * 4)
    return model, first, second, out, torch.tensor([[[0.0, 3.0, 1.0, -1.0]]], dtype=torch.float64)


def test_stack_by_hand() -> None:
    model, first, second, out, residual = by_hand_model()
    both, alone = (0.857956, 1.110859, -0.770182, -1.198634), (0.717737, 1.243101, -0.887929, -1.072909)
    for adapters, wanted in (([first, second], both), ([second], alone)):
        with Stack(model, adapters), torch.no_grad():
            got = out(torch.zeros(1, 1, 32, dtype=torch.float64), residual)
        torch.testing.assert_close(got[0, 0], torch.tensor(wanted, dtype=torch.float64), atol=1e-6, rtol=0)


RESIDUAL_AND_OUTPUT = {"gpt2": ("ln_2", "mlp"), "mbart": ("final_layer_norm", "fc2")}


@pytest.mark.parametrize("kind", MADE)
def test_each_layer_follows_the_equation(kind: str) -> None:
    """x = N(z + r); z ← U·φ(D·x + b₁) + b₂ + z; the layer gives N(z + r): from z and r as the model made them."""
    model = tiny(kind)
    adapters, seen = [language(model), task(model)], dict[str, Any]()
    with Stack(model, adapters) as stack, torch.no_grad():
        layer: Any = model.layers[2]
        if kind in RESIDUAL_AND_OUTPUT:
            norm, output = (getattr(layer, name) for name in RESIDUAL_AND_OUTPUT[kind])
            norm.register_forward_pre_hook(lambda _, given: seen.update(r=given[0]))
            output.register_forward_hook(lambda m, given, out: seen.update(z=out))
            last: Any = lambda s: s  # noqa: E731
        else:
            dense = layer.output.dense
            layer.output.register_forward_pre_hook(lambda _, given: seen.update(z=dense(given[0]), r=given[1]))
            last = layer.output.LayerNorm.forward
        got = stack.states(*inputs(kind), layers=(3,))[3]
        z, r = seen["z"], seen["r"]
        for adapter in adapters:
            own = adapter.layers["2"]
            inner = module.ACTIVATIONS[adapter.shape.activation](last(z + r) @ own.down.weight.T + own.down.bias)
            z = inner @ own.up.weight.T + own.up.bias + z
    torch.testing.assert_close(got, last(z + r), atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", ["xlm-roberta", "bert", "gpt2", "mbart"])
def test_invertible_part_stands_after_the_embeddings_and_its_inverse_before_the_matrix(kind: str) -> None:
    model, (ids, attention) = tiny(kind), inputs(kind)
    adapter = language(model, leave_out=(0, 1, 2, 3), inverse_reduction=2)
    with torch.no_grad():
        plain = model.states(ids, attention, layers=(0,))[0]
        heads = model.vocabulary_logits(plain)
        with Stack(model, [adapter]) as stack:
            torch.testing.assert_close(stack.states(ids, attention, layers=(0,))[0], adapter.invertible(plain))
            assert model.before_decoder == adapter.invertible.inverse
            assert not torch.allclose(model.vocabulary_logits(plain), heads)
        for weight in (*adapter.invertible.f.up.parameters(), *adapter.invertible.g.up.parameters()):
            weight.zero_()
        with Stack(model, [adapter]):
            torch.testing.assert_close(model.vocabulary_logits(plain), heads, atol=1e-5, rtol=0)


def written_again(model: BackboneModel, kind: str = "mbart") -> Any:
    """The decoder's states for a text that the encoder read, as `rebuilt` gives them."""
    ids, attention = inputs(kind)
    return model.rebuilt(model.states(ids, attention)["last"], attention, ids.masked_fill(attention == 0, 1))


def test_a_decoder_s_layers_follow_the_equation_the_last_left_out() -> None:
    """s ← s + U·φ(D·s + b₁) + b₂ behind the feed-forward block, from the s that the model made itself."""
    model, seen = tiny("mbart"), dict[str, Any]()
    adapter = language(model, decoder=True, leave_out=(-1,))
    assert list(adapter.layers) == ["0", "1", "2"] and list(adapter.decoder) == ["0", "1"]
    layer: Any = model.decoder_layers[1]
    layer.final_layer_norm.register_forward_pre_hook(lambda _, given: seen.update(r=given[0]))
    layer.fc2.register_forward_hook(lambda m, given, out: seen.update(z=out))
    model.decoder_layers[2].register_forward_pre_hook(lambda _, given: seen.update(left=given[0]))
    with torch.no_grad():
        plain = written_again(model)
        with Stack(model, [adapter]):
            adapted = written_again(model)
        s, own = seen["r"] + seen["z"], adapter.decoder["1"]
        wanted = s + torch.relu(s @ own.down.weight.T + own.down.bias) @ own.up.weight.T + own.up.bias
        torch.testing.assert_close(seen["left"], wanted, atol=1e-5, rtol=0)
        assert not torch.allclose(plain, adapted, atol=1e-3) and torch.equal(plain, written_again(model))
        for bottleneck in adapter.layers.values():  # the decoder's alone change what is written
            for weight in bottleneck.up.parameters():
                weight.zero_()
        with Stack(model, [adapter]):
            assert not torch.allclose(plain, written_again(model), atol=1e-3)


def test_an_adapter_without_a_decoder_leaves_its_layers_alone_and_depths_may_differ() -> None:
    model = tiny("mbart")
    assert not language(model).decoder and not task(model).decoder
    assert AdapterShape.of(model, decoder=True, leave_out=(0, -1)).acting_in_decoder == (1,)
    assert AdapterShape.of(model, decoder=True, leave_out=(0, 3)).acting_in_decoder == (1, 2)
    assert AdapterShape.of(tiny("bert"), decoder=True).acting_in_decoder == ()


def test_one_invertible_part_stands_at_both_embeddings() -> None:
    """What enters the first layer of the encoder and of the decoder went through it, dropout before it."""
    model, seen = tiny("mbart"), dict[str, Any]()
    adapter = language(model, decoder=True, leave_out=(0, 1, 2, 3), inverse_reduction=2)
    stacks = {"encoder": model.layers, "decoder": model.decoder_layers}

    def watch(name: str) -> Any:
        return stacks[name][0].self_attn_layer_norm.register_forward_pre_hook(
            lambda _, given: seen.__setitem__(name, given[0])
        )

    handles = [watch(name) for name in stacks]
    with torch.no_grad():
        written_again(model)
        plain = dict(seen)
        with Stack(model, [adapter]):
            written_again(model)
    for handle in handles:
        handle.remove()
    for name, before in plain.items():
        torch.testing.assert_close(seen[name], adapter.invertible(before), atol=1e-6, rtol=0)
        torch.testing.assert_close(adapter.invertible.inverse(seen[name]), before, atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", MADE)
def test_detaching_leaves_the_model_bit_for_bit(kind: str) -> None:
    model, given_ = tiny(kind), inputs(kind)
    with torch.no_grad():
        names, before = list(model.state_dict()), model.states(*given_)["last"]
        inverse = None if kind == "canine" else 2
        stack = Stack(model, [language(model, inverse_reduction=inverse), task(model)]).attach()
        assert list(model.state_dict()) == names
        assert not torch.allclose(model.states(*given_)["last"], before)
        stack.detach()
        assert torch.equal(model.states(*given_)["last"], before)
    assert not any(part._forward_pre_hooks for part in model.modules())
    assert model.before_decoder is None


def test_layers_left_out_are_the_plain_models() -> None:
    model, given_ = tiny("bert"), inputs("bert")
    adapter = language(model, leave_out=(0, 1, -1))
    assert list(adapter.layers) == ["2"] and adapter.shape.leave_out == (0, 1, 3)
    with torch.no_grad():
        plain = model.states(*given_, layers=(1, 2, 3))
        with Stack(model, [adapter]) as stack:
            ours = stack.states(*given_, layers=(1, 2, 3))
    assert torch.equal(ours[1], plain[1]) and torch.equal(ours[2], plain[2])
    assert not torch.allclose(ours[3], plain[3])


def test_training_one_adapter_moves_nothing_else() -> None:
    model, (ids, attention) = tiny("xlm-roberta"), inputs("xlm-roberta")
    below, above = language(model).requires_grad_(False), task(model)
    frozen, moving = [*model.parameters(), *below.parameters()], list(above.parameters())
    before = [weight.detach().clone() for weight in (*frozen, *moving)]
    adam = torch.optim.AdamW([*frozen, *moving], lr=1e-2)
    with Stack(model, [below, above]) as stack:
        for _ in range(4):
            adam.zero_grad()
            torch.autograd.backward(stack.states(ids, attention)["last"].square().mean())
            adam.step()
    assert all(map(torch.equal, before, frozen))
    assert not any(map(torch.equal, before[len(frozen) :], moving))


def test_what_is_saved_of_a_decoder_comes_back_too(tmp_path: Path) -> None:
    adapter = language(tiny("mbart"), decoder=True, leave_out=(-1,), inverse_reduction=2)
    adapter.save(tmp_path)
    again: Any = LanguageAdapter.load(tmp_path)
    ours, theirs = adapter.state_dict(), again.state_dict()
    assert again.shape == adapter.shape and [name for name in ours if name.startswith("decoder.1")]
    assert list(ours) == list(theirs) and all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_what_is_saved_comes_back_bit_for_bit(tmp_path: Path) -> None:
    adapter = language(tiny("bert"), reduction={"1": 8.0, "default": 2}, leave_out=(-1,), inverse_reduction=2)
    adapter.save(tmp_path)
    again: Any = LanguageAdapter.load(tmp_path)
    assert (again.name, again.shape) == (adapter.name, adapter.shape)
    ours, theirs = adapter.state_dict(), again.state_dict()
    assert list(ours) == list(theirs) and all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert again.layers["1"].down.out_features == 2 and again.layers["0"].down.out_features == 8
    assert all(weight.requires_grad for weight in again.parameters())
    with pytest.raises(ValueError, match="a language adapter, and a task adapter"):
        TaskAdapter.load(tmp_path)


def test_drawing_is_the_generators_alone() -> None:
    state = torch.random.get_rng_state()
    one, two = (module.Bottleneck(64, 2, "relu", torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(one.down.weight, two.down.weight) and not one.down.bias.any() and not one.up.bias.any()
    assert float(one.down.weight.detach().std()) == pytest.approx(0.02, rel=0.05)


def one_by_one(model: BackboneModel, below: Any, tasks: list[Any], heads: list[Any], given_: Any) -> Any:
    scores = []
    for adapter, head in zip(tasks, heads, strict=True):
        with Stack(model, [below, adapter]) as stack:
            scores.append(head(stack.states(*given_)["last"]))
    return torch.stack(scores)


def gradients(scores: Any, weights: list[Any]) -> list[Any]:
    worth = torch.linspace(-1, 1, scores.numel()).view_as(scores)
    return list(torch.autograd.grad((scores * worth).sum() + scores.square().sum(), weights))


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize(("copies", "leave_out"), [(1, ()), (3, ()), (3, (0, 2)), (8, (0, 1, 2))])
@pytest.mark.parametrize("kind", SPLIT)
def test_one_pass_over_k_tasks_is_k_passes(kind: str, copies: int, leave_out: tuple[int, ...], padded: bool) -> None:
    model, given_ = tiny(kind), inputs(kind, padded)
    below = language(model, inverse_reduction=2)
    tasks = [task(model, seed, leave_out=leave_out) for seed in range(copies)]
    heads = [strong(torch.nn.Linear(16, 5), 10 + k) for k in range(copies)]
    weights = [weight for one in (below, *tasks, *heads) for weight in one.parameters()]
    wanted = one_by_one(model, below, tasks, heads, given_)
    with Stack(model, [below, ParallelTaskAdapters(tasks)]) as stack:
        got = module.batched_linear(heads, stack.states(*given_)["last"])
    torch.testing.assert_close(got, wanted, atol=1e-5, rtol=1e-5)
    for one, other in zip(gradients(got, weights), gradients(wanted, weights), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5 * float(other.abs().max() + 1), rtol=0)


def test_the_trunk_is_run_once() -> None:
    model, rows = tiny("bert"), []
    for layer in model.layers:
        layer.register_forward_pre_hook(lambda _, given: rows.append(len(given[0])))
    tasks = ParallelTaskAdapters([task(model, seed, leave_out=(0, -1)) for seed in range(4)])
    with Stack(model, [language(model), tasks]) as stack, torch.no_grad():
        found = stack.states(*inputs("bert"), layers=(0, 1, 2, "last"))
    assert rows == [3, 3, 12, 12]
    assert all(states.shape == (4, 3, 9, 16) for states in found.values())
    assert torch.equal(found[1][0], found[1][3]) and not torch.allclose(found[2][0], found[2][3])


def test_what_cannot_be_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    canine, mbart, bert = tiny("canine"), tiny("mbart"), tiny("bert")
    with pytest.raises(NoSuchAbility, match="canine can't have an invertible adapter: it has no output matrix"):
        Stack(canine, [language(canine, inverse_reduction=2)])
    with pytest.raises(NoSuchAbility, match="can't act on"):
        Stack(bert, [strong(LanguageAdapter("x", AdapterShape("bert", 16, 4, decoder_depth=3), torch.Generator()), 1)])
    mbart.config.encoder_layerdrop = 0.1
    with pytest.raises(NoSuchAbility, match=r"mbart can't have an invertible adapter: it leaves layers out at random"):
        Stack(mbart, [language(mbart, inverse_reduction=2)])
    for model, why in ((canine, "canine joins"), (mbart, "mbart leaves layers out")):
        with pytest.raises(NoSuchAbility, match=f"side by side: {why}"):
            Stack(model, [ParallelTaskAdapters([task(model)])])
    with pytest.raises(NoSuchAbility, match="can't act on"):
        Stack(bert, [language(canine)])
    monkeypatch.setattr(module, "SUMS_LAST", set())
    with pytest.raises(NoSuchAbility, match="where its blocks end isn't known"):
        Stack(mbart, [language(mbart)]).attach()
    with pytest.raises(ValueError, match="first adapter"):
        Stack(bert, [language(bert), language(bert, inverse_reduction=2)])
    with pytest.raises(ValueError, match="its last"):
        Stack(bert, [ParallelTaskAdapters([task(bert)]), language(bert)])
    with pytest.raises(ValueError, match="one shape"):
        ParallelTaskAdapters([task(bert), task(bert, reduction=8)])
    with pytest.raises(ValueError, match="maps of one size"):
        module.batched_linear([torch.nn.Linear(4, 2), torch.nn.Linear(4, 3)], torch.zeros(2, 1, 4))
    with pytest.raises(ValueError, match="gelo"):
        AdapterShape.of(bert, activation="gelo")
    with pytest.raises(ValueError, match="layers are 0 to 3"):
        AdapterShape.of(bert, leave_out=(4,))
    with Stack(bert, [language(bert)]), pytest.raises(ValueError, match="act on this model already"):
        Stack(bert, [task(bert)]).attach()
