"""The same handles on every architecture: states of a layer, vectors, logits where they are wanted."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from xlt_core.model.backbone import BackboneModel, NoSuchAbility  # noqa: E402

SMALL = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 32}
KINDS = ("xlm-roberta", "roberta", "bert", "canine", "mbart", "gpt2")


def tiny(kind: str, vocabulary: int = 60) -> BackboneModel:
    """A model of this kind with random weights, in eval mode."""
    torch.manual_seed(0)
    t = transformers
    made: Any
    if kind in ("xlm-roberta", "roberta"):
        config = t.AutoConfig.for_model(
            kind, vocab_size=vocabulary, max_position_embeddings=40, pad_token_id=1, **SMALL
        )
        made = t.AutoModelForMaskedLM.from_config(config)
    elif kind == "bert":
        made = t.AutoModelForMaskedLM.from_config(t.BertConfig(vocab_size=vocabulary, **SMALL))
    elif kind == "canine":
        made = t.AutoModel.from_config(t.CanineConfig(num_hash_buckets=64, max_position_embeddings=128, **SMALL))
    elif kind == "mbart":
        config = t.MBartConfig(
            vocab_size=vocabulary, d_model=16, encoder_layers=3, decoder_layers=1, encoder_attention_heads=2,
            decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, max_position_embeddings=40,
        )  # fmt: skip
        made = t.AutoModelForSeq2SeqLM.from_config(config)
    else:
        made = t.AutoModelForCausalLM.from_config(
            t.GPT2Config(vocab_size=vocabulary, n_embd=16, n_layer=3, n_head=2, n_positions=40)
        )
    return BackboneModel(made).eval()


def inputs(kind: str) -> tuple[Any, Any]:
    torch.manual_seed(1)
    length = 32 if kind == "canine" else 9
    ids = torch.randint(4, 60, (2, length))
    attention = torch.ones_like(ids)
    attention[1, -3:] = 0
    return ids, attention


@pytest.mark.parametrize("kind", KINDS)
def test_states_are_those_of_transformers(kind: str) -> None:
    model = tiny(kind)
    ids, attention = inputs(kind)
    with torch.no_grad():
        ours = model.states(ids, attention, layers=("last",))
        base = model.base.encoder if kind == "mbart" else model.base
        theirs = base(input_ids=ids, attention_mask=attention, output_hidden_states=True)
    assert torch.equal(ours["last"], theirs.last_hidden_state)
    assert set(ours) == {"last"}


@pytest.mark.parametrize("kind", ["xlm-roberta", "roberta", "bert", "mbart", "gpt2"])
def test_every_layer_can_be_read(kind: str) -> None:
    model = tiny(kind)
    ids, attention = inputs(kind)
    with torch.no_grad():
        ours = model.states(ids, attention, layers=(0, 1, 2))
        base = model.base.encoder if kind == "mbart" else model.base
        theirs = base(input_ids=ids, attention_mask=attention, output_hidden_states=True).hidden_states
    for layer in (0, 1, 2):
        assert torch.equal(ours[layer], theirs[layer]), layer


@pytest.mark.parametrize("kind", ["xlm-roberta", "roberta", "bert", "gpt2"])
def test_logits_at_some_places_are_those_of_all(kind: str) -> None:
    model = tiny(kind)
    ids, attention = inputs(kind)
    places = torch.zeros_like(ids, dtype=torch.bool)
    places[0, 2] = places[1, 4] = True
    with torch.no_grad():
        ours = model.vocabulary_logits(model.states(ids, attention)["last"][places])
        theirs = model.model(input_ids=ids, attention_mask=attention).logits[places]
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)


@pytest.mark.parametrize("kind", ["xlm-roberta", "roberta", "bert", "gpt2", "mbart"])
def test_vectors_may_stand_for_ids(kind: str) -> None:
    model = tiny(kind)
    ids, attention = inputs(kind)
    with torch.no_grad():
        by_ids = model.states(ids, attention)["last"]
        vectors = model.words(ids)
        by_vectors = model.states(None, attention, vectors=vectors)["last"]
    torch.testing.assert_close(by_ids, by_vectors, atol=1e-5, rtol=0)


def test_what_is_missing_is_refused_with_the_reason() -> None:
    canine = tiny("canine")
    with pytest.raises(NoSuchAbility, match="no vocabulary"):
        _ = canine.words
    with pytest.raises(NoSuchAbility, match="head"):
        canine.vocabulary_logits(torch.zeros(1, 16))
    with pytest.raises(NoSuchAbility, match="layer 4"):
        tiny("bert").states(*inputs("bert"), layers=(4,))
