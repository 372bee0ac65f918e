"""Heads: what they cost, what they answer, and that a mix of fields answers as one."""

from __future__ import annotations

import json
from itertools import pairwise, product
from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from xlt_core import plan  # noqa: E402
from xlt_core.engine.train import _refuse_other_head  # noqa: E402
from xlt_core.errors import RefusedError, RunError  # noqa: E402
from xlt_core.model.heads import (  # noqa: E402
    IGNORED,
    SIDE_WIDTH,
    CrfHead,
    DenseHead,
    Head,
    HeadSpec,
    PooledHead,
    Reduction,
    SoftmaxHead,
    cross_entropies,
    head_of,
    mixed,
)

LABELS = ("O", "B-PER", "I-PER")
SIDE = {"pos": ("NOUN", "VERB"), "predicate": ("no", "yes")}


def head(seed: int = 0, width: int = 4, **spec: Any) -> Head:
    return head_of(width, HeadSpec(LABELS, **spec), torch.Generator().manual_seed(seed))


def numbers(*shape: int, seed: int = 1) -> Any:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_the_kind_says_which_head() -> None:
    kinds = {"softmax": SoftmaxHead, "crf": CrfHead, "pooled": PooledHead, "dense": DenseHead}
    assert {kind: type(head(kind=kind)) for kind in kinds} == kinds


def test_a_field_by_hand() -> None:
    """e = [[1, 0], [0, 1]], steps [[0, .5], [−.5, 0]], y = (0, 1): ln Z = 2.902827, so −ln p = 0.402827."""
    made = head_of(2, HeadSpec(("a", "b"), "crf"), torch.Generator())
    assert isinstance(made, CrfHead)
    with torch.no_grad():
        made.crf.start.zero_(), made.crf.end.zero_()
        made.crf.step.copy_(torch.tensor([[0.0, 0.5], [-0.5, 0.0]]))
    scores = torch.eye(2).unsqueeze(0)
    expected_by: dict[Reduction, float] = {"token_mean": 0.201413, "sentence_mean": 0.402827}
    for reduction, expected in expected_by.items():
        total, count = made.loss(scores, torch.tensor([[0, 1]]), reduction)
        assert float((total / count).detach()) == pytest.approx(expected, abs=1e-6)
    assert made.best(scores, torch.ones(1, 2)) == [[0, 1]]


def test_a_field_runs_over_labelled_units_alone() -> None:
    made, scores = head(kind="crf"), numbers(2, 5, 3)
    labels = torch.tensor([[IGNORED, 1, IGNORED, 2, IGNORED], [0, 0, 1, 2, 0]])
    short, words = made.loss(scores[:1, [1, 3]], torch.tensor([[1, 2]]), "token_mean")
    alone, _ = made.loss(scores[1:], labels[1:], "token_mean")
    both, count = made.loss(scores, labels, "token_mean")
    torch.testing.assert_close(both, short + alone)
    assert (int(words), int(count)) == (2, 7)
    assert made.best(scores, labels != IGNORED)[0] == made.best(scores[:1, [1, 3]], torch.ones(1, 2))[0]


@pytest.mark.parametrize("kind", ["softmax", "crf"])
def test_a_batch_without_labels_costs_nothing_and_can_be_learnt_from(kind: Any) -> None:
    made = head(kind=kind)
    total, count = made.loss(made.scores(numbers(2, 3, 4)), torch.full((2, 3), IGNORED), "token_mean")
    (total / count.clamp(min=1)).backward()
    assert (total.item(), count.item()) == (0.0, 0.0)
    assert torch.equal(made.weight.grad, torch.zeros_like(made.weight))
    assert made.best(numbers(2, 0, 3), torch.ones(2, 0)) == [[], []]


def test_a_softmax_is_its_cross_entropy() -> None:
    scores, labels = numbers(2, 3, 3), torch.tensor([[0, IGNORED, IGNORED], [1, 2, IGNORED]])
    each = -torch.log_softmax(scores, -1)
    sentences = [each[0, 0, 0], (each[1, 0, 1] + each[1, 1, 2]) / 2]
    total, count = cross_entropies(scores, labels, "sentence_mean")
    torch.testing.assert_close(total / count, (sentences[0] + sentences[1]) / 2)
    total, count = cross_entropies(scores, labels, "token_mean")
    torch.testing.assert_close(total / count, (sentences[0] + 2 * sentences[1]) / 3)


def test_the_class_of_pieces_inside_words_is_learnt_and_never_answered() -> None:
    made = head(continued=True)
    scores = torch.tensor([[[0.0, 1.0, 0.5, 9.0]]])
    assert made.best(scores, torch.ones(1, 1)) == [[1]]
    right, _ = made.loss(scores, torch.tensor([[3]]), "token_mean")
    assert made.scores(numbers(1, 1, 4)).shape == (1, 1, 4) and float(right) < 0.01
    with pytest.raises(ValueError, match="chain of words"):
        head(kind="crf", continued=True)


def test_what_stands_beside_a_state_reaches_its_scores_and_no_others() -> None:
    made, states = head(side=SIDE), numbers(1, 3, 4)
    assert made.weight.shape == (3, 4 + 2 * SIDE_WIDTH)
    side = torch.tensor([[[1, 2, 1], [1, 1, 1]]])
    other = torch.tensor([[[1, 2, 1], [1, 2, 1]]])
    same = (made.scores(states, side) == made.scores(states, other)).all(-1)
    assert same.tolist() == [[True, False, True]]
    made.scores(states, side).sum().backward()
    assert all(weight.grad is not None and weight.grad.any() for weight in made.beside.parameters())


def test_a_dense_head_is_that_of_published_encoders() -> None:
    """dropout–Linear(d,d)–tanh–dropout–Linear(d,C) over the first state: transformers' own, with the same weights."""
    from transformers import XLMRobertaConfig
    from transformers.models.xlm_roberta.modeling_xlm_roberta import XLMRobertaClassificationHead

    made, states = head(kind="dense").eval(), numbers(2, 5, 4)
    theirs = XLMRobertaClassificationHead(XLMRobertaConfig(hidden_size=4, num_labels=3)).eval()
    theirs.dense.load_state_dict(made.dense.state_dict())
    theirs.out_proj.load_state_dict({"weight": made.weight, "bias": made.bias})
    torch.testing.assert_close(made.scores(states)[:, 0], theirs(states))
    assert set(dict(made.named_parameters())) == {"weight", "bias", "dense.weight", "dense.bias"}
    made.train().dropout.p = 0.9
    assert not torch.equal(made.scores(states), made.scores(states)), "dropout stands before the last layer, too"


@pytest.mark.parametrize("kind", ["pooled", "dense"])
def test_a_mean_can_speak_for_a_sentence_and_padding_has_no_say(kind: Any) -> None:
    made, states = head(kind=kind, pool="mean").eval(), numbers(2, 5, 4)
    attention = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    scores = made.scores(states, None, attention)
    assert scores.shape == (2, 5, 3)
    torch.testing.assert_close(scores[0, 0], made(states[0, :3].mean(0)))
    torch.testing.assert_close(scores[:1], made.scores(states[:1, :3], None, attention[:1, :3])[:, [0, 0, 0, 0, 0]])
    assert not torch.allclose(scores[:, 0], head(kind=kind).eval().scores(states)[:, 0])


def test_a_head_that_is_given_something_else_to_read_says_so() -> None:
    with pytest.raises(ValueError, match="reads pos, predicate beside the states, and was given 0"):
        head(side=SIDE).scores(numbers(1, 3, 4))
    with pytest.raises(ValueError, match="reads nothing beside the states, and was given 1"):
        head().scores(numbers(1, 3, 4), torch.zeros(1, 1, 3, dtype=torch.long))


def test_a_mix_of_fields_answers_as_their_weighted_sum_does() -> None:
    heads, weights = [head(seed, kind="crf") for seed in (1, 2)], [0.3, 0.7]
    fields = [own.crf.requires_grad_(False) for own in heads if isinstance(own, CrfHead)]
    for crf in fields:
        crf.step.mul_(20)
    emissions = [numbers(1, 4, 3, seed=seed) for seed in (3, 4)]

    def exponent(path: tuple[int, ...]) -> float:
        total = 0.0
        for crf, weight, said in zip(fields, weights, emissions, strict=True):
            inside = sum(float(said[0, t, label]) for t, label in enumerate(path))
            steps = sum(float(crf.step[a, b]) for a, b in pairwise(path))
            total += weight * (float(crf.start[path[0]]) + inside + steps + float(crf.end[path[-1]]))
        return total

    best = max(product(range(3), repeat=4), key=exponent)
    summed = sum(weight * said for weight, said in zip(weights, emissions, strict=True))
    assert mixed(heads, weights).best(summed, torch.ones(1, 4)) == [list(best)]
    assert heads[0].best(summed, torch.ones(1, 4)) != [list(best)], "the first field alone would answer otherwise"


def test_heads_of_two_kinds_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="one kind"):
        mixed([head(), head(kind="crf")], [0.5, 0.5])


def test_a_spec_is_written_and_read() -> None:
    spec = HeadSpec(LABELS, "softmax", "bioes", True, SIDE, "mean")
    assert HeadSpec.read(json.loads(json.dumps(spec.told()))) == spec
    assert HeadSpec.read({"labels": list(LABELS)}) == HeadSpec(LABELS), "older files say only the labels"


def test_a_second_training_goes_on_from_the_same_head_alone() -> None:
    job: Any = SimpleNamespace(stage=SimpleNamespace(id="train2(eng, ner)"))
    first = HeadSpec(LABELS, "softmax", "bioes")
    _refuse_other_head(first, HeadSpec(("O",), "softmax", "bioes"), job)
    with pytest.raises(RunError, match=r"another head, scheme\n.*the same head, scheme"):
        _refuse_other_head(first, HeadSpec(LABELS, "crf", "iob2"), job)


@pytest.mark.parametrize(
    ("task", "choices", "said", "fix"),
    [
        ("roles", ["side_features=[pos]"], "nothing tells the head which word that is", "[pos, predicate]"),
        ("ner", ["head=crf", "label_on=all"], "a chain of words", "training.label_on=first"),
        ("pos", ["label_on=inside"], "goes on with spans in iob2", "training.label_on=first"),
        ("ner", ["label_on=inside", "scheme=bioes"], "goes on with spans in iob2", "training.label_on=first"),
        ("ner", ["head=pooled"], "has one a word", "training.head=auto"),
        ("ner", ["head=dense"], "a dense head gives one label", "training.head=auto"),
        ("pos", ["pool=mean"], "nothing is pooled", "training.pool=first"),
        ("nli", ["head=crf"], "a head crf labels words", "training.head=auto"),
        ("nli", ["label_on=all"], "about the pieces of words", "training.label_on=first"),
        ("nli", ["side_features=[pos]"], "side features are those of words", "training.side_features=[]"),
    ],
)
def test_heads_that_make_no_sense_are_refused_before_a_run(task: str, choices: list[str], said: str, fix: str) -> None:
    flags = [f"training.{choice}" for choice in choices]
    with pytest.raises(RefusedError) as caught:
        plan(method="zero_shot", backbone="mini", targets="vie", task=task, set=flags)
    (problem,) = caught.value.problems
    assert said in problem.what and fix in problem.fix
    name, _, value = problem.fix.partition(", or ")[0].removeprefix("--set ").strip("'").partition("=")
    mended = [*(flag for flag in flags if not flag.startswith(name)), f"{name}={value}"]
    assert plan(method="zero_shot", backbone="mini", targets="vie", task=task, set=mended).unbuilt() == []
