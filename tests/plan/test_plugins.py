"""What a stranger's part may do to a plan: use other parts' facts, and make mistakes that are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from xlt_core import plan
from xlt_core.errors import RefusedError

Plugin = Callable[[str, str], Path]


@pytest.fixture
def loss_file(tmp_path: Path) -> Plugin:
    """A file with one loss, built, that needs what the given line yields."""

    def make(name: str, line: str) -> Path:
        file = tmp_path / f"{name}.py"
        file.write_text(
            "from xlt_core.facts import Artefact, Hidden, View, Transform\n"
            "from xlt_core.hooks import Card, hookimpl\n"
            "from xlt_core.slots.losses import Loss, Mask\n"
            "XLT_API = 1\n"
            "@hookimpl\n"
            "def xlt_losses():\n"
            f"    yield Card('my.{name}', 'Mine.', '{name}:Mine', work='{name}:work')\n"
            "class Mine(Loss):\n"
            "    def needs(self, at):\n"
            f"        {line}\n"
            "def work(ctx, options): ...\n"
        )
        return file

    return make


def test_a_loss_can_read_an_artefact_of_another_plugins_part(loss_file: Plugin) -> None:
    file = loss_file("traced", "yield Artefact('unibridge.trace', at.language)")
    made = plan(
        method="unibridge",
        backbone="xlm-roberta-base",
        targets="amh",
        plugins=[file],
        add=["adaptation.target.losses.my.traced=1"],
    )
    assert "artefact unibridge.trace:amh" in made["adapt(amh)"].needs


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        (
            "misnamed",
            "yield Artefact('tokeniser', 'amh', 'text')",
            "loss `my.misnamed` speaks of artefact tokeniser:amh:text, and no artefact is called `tokeniser`; did you "
            "mean `tokenizer`?",
        ),
        ("private", "yield Artefact('backbone', 'amh')", "no artefact is called `backbone`"),
        (
            "unmade",
            "yield Artefact('my.thing', 'amh')",
            "loss `my.unmade` needs artefact my.thing:amh, and no part",
        ),
        (
            "strange",
            "yield Artefact('tokenizer', 'xyz', 'text')",
            "needs artefact tokenizer:xyz:text, and no part",
        ),
    ],
)
def test_facts_that_nobody_gives(loss_file: Plugin, name: str, line: str, said: str) -> None:
    with pytest.raises(RefusedError) as caught:
        plan(
            method="zero_shot",
            backbone="xlm-roberta-base",
            targets="amh",
            plugins=[loss_file(name, line)],
            add=[f"training.losses.my.{name}=1"],
        )
    (problem,) = caught.value.problems
    assert said in problem.what


def test_a_view_that_the_loop_cannot_make_yet_is_told_before_a_run(loss_file: Plugin) -> None:
    file = loss_file("switched", "yield Hidden(View('text', (Transform.of('switch', {}),)))")
    made = plan(method="zero_shot", backbone="mini", plugins=[file], add=["training.losses.my.switched=1"])
    assert any(name.startswith("reading the view `text | switch()`") for name in made.unbuilt())
