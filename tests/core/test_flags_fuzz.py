"""Whatever is typed behind --set, --add, --drop, or stands in a file: a configuration, or an error that says where."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from xlt_core.config.resolve import Request, resolve
from xlt_core.errors import XltError
from xlt_core.yaml12 import dump

WORDS = st.sampled_from(
    [
        "training",
        "adaptation",
        "embedding",
        "vocabulary",
        "representation",
        "inference",
        "evaluation",
        "rewriting",
        "losses",
        "source",
        "target",
        "adapt",
        "text",
        "latin",
        "phonemes",
        "use",
        "lr",
        "mask",
        "rate",
        "weight",
        "select",
        "by",
        "0",
        "1",
        "-1",
        "7",
        "task",
        "mlm",
        "finetune",
        "madx",
        "unibridge.kl",
        "uniform",
        "models",
    ]
) | st.text(max_size=4)
VALUES = st.sampled_from(
    """
    1|0.1|no|null|[]|{}|[1, 2]|{use: mlm}|{mlm: 1}|{a: {b: c}}|random|madx|mlm|unibridge.focus|uniform|[|a: b: c|- x
    {use: finetune, losses: 3}|{source: 1}|{source: {losses: []}}|{losses: {task: {use: 5}}}|''|{use: [1]}|{use: 3}
    """.strip()
    .replace("\n", "|")
    .split("|")
) | st.text(max_size=6)
PATHS = st.lists(WORDS, min_size=1, max_size=5).map(".".join)
FLAGS = st.tuples(st.sampled_from(["set", "add"]), st.tuples(PATHS, VALUES).map("=".join))
EDITS = st.lists(FLAGS | st.tuples(st.just("drop"), PATHS), min_size=1, max_size=3)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["zero_shot", "madx", "unibridge", "translit_ppa"]), EDITS)
def test_no_flag_is_met_with_a_traceback(method: str, edits: list[tuple[str, str]]) -> None:
    told = {"method": method, "backbone": "xlm-roberta-base", "targets": "amh"}
    with contextlib.suppress(XltError):
        resolve(Request(told, edits=tuple(edits)))


LEAVES = st.none() | st.booleans() | st.integers(-2, 9) | st.sampled_from(["mlm", "finetune", "madx", "ner", "amh", ""])
KEYS = st.sampled_from(
    ["use", "losses", "source", "target", "text", "latin", "lr", "select", "mlm", "task", "by", "weight", "mask", "x"]
)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
SETTINGS = ["method", "backbone", "task", "sources", "targets", "adapt", "data", "resources", "seeds", "budget", "x"]
PARTS = ["training", "adaptation", "embedding", "vocabulary", "representation", "inference", "evaluation", "reading"]
TOP = st.sampled_from([*SETTINGS, *PARTS, "complete", "plugins", "protocol", "precision", "threads", "preset"])


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TOP, TREES, max_size=5))
def test_no_run_file_is_met_with_a_traceback(tmp_path_factory: Any, data: dict[str, Any]) -> None:
    file: Path = tmp_path_factory.mktemp("fuzz") / "run.yaml"
    file.write_text(dump({"method": "zero_shot", "backbone": "xlm-roberta-base", "targets": ["amh"], **data}))
    with contextlib.suppress(XltError):
        resolve(Request({}, config=file))
