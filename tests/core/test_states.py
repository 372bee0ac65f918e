"""What a model that doesn't train says of texts is kept by example, and read by whoever compares them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tests.core.letters import Letters, tagger
from xlt_core import run
from xlt_core.data.corpus import lines_of, side_of, texts_of
from xlt_core.data.encode import TextReader, collate
from xlt_core.engine import retrieval
from xlt_core.engine import states as engine_states
from xlt_core.engine.context import Context
from xlt_core.engine.retrieval import RANKS, Found, _ranked, ranks_of
from xlt_core.engine.states import pooled_states, unknown_share
from xlt_core.errors import RefusedError, RunError
from xlt_core.facts import View
from xlt_core.graph.store import Store

CPU = torch.device("cpu")
TEXTS = ["ab cd", "abcdefg hijk", "a", "bcd efg hij klm nop qrs tuv abc def", "xyz"]


def reader(length: int = 20) -> TextReader:
    return TextReader(Letters(), length)


@pytest.mark.parametrize("specials", [True, False])
@pytest.mark.parametrize("layer", [0, 1, "last"])
def test_pooled_states_are_the_means_that_a_loss_would_read(specials: bool, layer: Any) -> None:
    net = tagger().eval()
    pieces = reader(40).stretches(TEXTS, "eng")
    kept = pooled_states(net, pieces, len(TEXTS), layer, specials, CPU)
    for number, piece in enumerate(pieces):
        ctx = Context({View(): collate([piece], 1)}, net.states, wanted={View(): frozenset({layer})})
        with torch.no_grad():
            wanted = ctx.pooled(View(), layer, include_specials=specials)[0]
        torch.testing.assert_close(kept[number], wanted, atol=1e-6, rtol=1e-5)


def test_what_had_to_be_cut_has_one_mean_over_all_its_units(monkeypatch: pytest.MonkeyPatch) -> None:
    net = tagger().eval()
    pieces = reader(12).stretches(TEXTS, "eng")
    own = [piece for piece in pieces if piece.sentence == 3]
    assert len(own) == 3
    with torch.no_grad():
        each = [net.states(collate([piece], 1), frozenset({"last"}))["last"][0] for piece in own]
    whole = pooled_states(net, pieces, len(TEXTS), "last", True, CPU)
    torch.testing.assert_close(whole[3], torch.cat(each).mean(0), atol=1e-6, rtol=1e-5)
    monkeypatch.setattr(engine_states, "TOKENS_AT_ONCE", 16)
    torch.testing.assert_close(pooled_states(net, pieces, len(TEXTS), "last", True, CPU), whole, atol=1e-6, rtol=1e-5)


def test_the_share_of_unknown_pieces_leaves_control_tokens_out() -> None:
    pieces = reader().stretches(["ab", "cd"], "eng")
    assert unknown_share(pieces, pieces[0].ids[1]) == 0.25 and unknown_share(pieces, 0) == 0.0
    assert unknown_share(pieces, pieces[0].ids[1], {pieces[0].ids[2]}) == pytest.approx(1 / 3, abs=1e-3), (
        "without marks"
    )


def test_the_nth_example_is_the_same_one_for_all(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("a\n\n  \nb\n", encoding="utf-8")
    assert lines_of(tmp_path) == ["a", "b"]
    (tmp_path / "pairs.tsv").write_text("a\tx\nb\t \n\nc\tz\n", encoding="utf-8")
    assert side_of(tmp_path, "amh-eng", "amh") == ["a", "c"]
    assert texts_of(tmp_path, "parallel:amh-eng", "eng") == ["x", "z"]
    (tmp_path / "pairs.tsv").write_text("a\tx\nb\n", encoding="utf-8")
    with pytest.raises(RunError) as met:
        side_of(tmp_path, "amh-eng", "eng")
    assert "row 2 has 1 columns" in met.value.problems[0].what


# retrieval


def brute_force(queries: torch.Tensor, candidates: torch.Tensor) -> list[int]:
    ranks = []
    for number, query in enumerate(queries):
        scores = [torch.cosine_similarity(query, other, dim=0).item() for other in candidates]
        order = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
        ranks.append(1 + order.index(number))
    return ranks


@pytest.mark.parametrize("count", [1, 7, 40])
def test_ranks_are_those_of_brute_force(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = torch.Generator().manual_seed(count)
    queries, candidates = (torch.randn(count, 6, generator=draw, dtype=torch.float64) for _ in range(2))
    whole = ranks_of(queries, candidates)
    assert whole.ranks.tolist() == brute_force(queries, candidates)
    monkeypatch.setattr(retrieval, "AT_ONCE", 3)
    assert torch.equal(ranks_of(queries, candidates).ranks, whole.ranks)
    order = torch.randperm(count, generator=draw)
    assert torch.equal(ranks_of(queries[order], candidates[order]).ranks, whole.ranks[order])


def test_ranks_of_the_sheet_and_ties() -> None:
    scores = torch.tensor([[0.9, 0.8, 0.1, 0.2], [0.3, 0.2, 0.6, 0.5], [0.4, 0.7, 0.65, 0.1], [0.2, 0.1, 0.3, 0.05]])
    found = Found(*_ranked(scores, 0))
    assert found.ranks.tolist() == [1, 4, 2, 4] and not found.tied.any()
    assert (found.top(1), found.top(2), found.top(3)) == (25.0, 50.0, 50.0)
    turned = Found(*_ranked(scores.T, 0))
    assert (turned.top(1), turned.top(3)) == (50.0, 75.0)
    same = ranks_of(torch.ones(3, 2), torch.ones(3, 2))
    assert same.ranks.tolist() == [1, 2, 3] and same.tied.all()
    assert float(found.counts(2).value()) == found.top(2)


def test_retrieval_reads_each_side_once_in_a_run() -> None:
    made = run(method="zero_shot", preset="retrieval", backbone="mini", targets="swh", out="found")
    stages = {record["stage"]: record["key"] for record in made.scores["stages"]}
    assert sum(name.startswith("encode(") for name in stages) == 2
    (row,) = made.scores["scores"]
    assert row["headline"] == "top10" and row["examples"] == 2000
    assert 40 < row["values"]["top1"] < row["values"]["top10"] < 100
    ranks = (Store.at(None).path(stages["score:retrieval(swh, retrieval)"]) / RANKS).read_text("utf-8").splitlines()
    right = [line for line in ranks[1:] if int(line.split("\t")[1]) <= 10]
    assert len(ranks) == 2001 and row["values"]["top10"] == pytest.approx(100 * len(right) / 2000)


def test_a_layer_that_is_not_there_is_refused() -> None:
    edits = ["evaluation=retrieval", "evaluation.retrieval.layer=8"]
    with pytest.raises(RefusedError, match="cannot be composed") as met:
        run(method="zero_shot", preset="retrieval", backbone="mini", targets="swh", set=edits)
    assert "layer 8, and mini has 4" in met.value.problems[0].what


def test_only_as_many_examples_are_read_as_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("".join(f"{n}\tx{n}\n" for n in range(9)), encoding="utf-8")
    options = {"corpus": "parallel:amh-eng", "most": 4}
    job = SimpleNamespace(
        stage=SimpleNamespace(options=options, id="x"), inputs={"resource parallel:amh-eng": tmp_path}
    )
    assert engine_states._texts(job, "eng") == ["x0", "x1", "x2", "x3"]  # type: ignore[arg-type]
    (tmp_path / "pairs.tsv").write_text("", encoding="utf-8")
    with pytest.raises(RunError) as met:
        engine_states._texts(job, "eng")
    assert met.value.problems[0].fix.startswith("--resource parallel:amh-eng=FILE, or")
    assert met.value.problems[0].fix.endswith("--set inference=uniform")
