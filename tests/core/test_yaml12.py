"""YAML by the 1.2 core schema, with lines."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlt_core.errors import UsageError
from xlt_core.yaml12 import dump, parse

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("NO", "NO"), ("true", True), ("False", False),
        ("5e-4", 5e-4), ("1.0e-3", 1e-3), ("1_000", "1_000"), ("0o17", 15), ("010", 10), ("0x1F", 31),
        ("12:30", "12:30"), ("~", None), ("null", None), (".inf", math.inf), ("2026-11-20", "2026-11-20"),
        ("'5e-4'", "5e-4"), ("amh,khm", "amh,khm"), ("=", "="), ("<<", "<<"),
    ],
)  # fmt: skip
def test_scalars_are_read_by_the_core_schema(text: str, value: Any) -> None:
    read = parse(f"key: {text}").data["key"]
    assert read == value and type(read) is type(value)


@given(st.dictionaries(st.sampled_from(["no", "a", "5e-4", "key", "true", "null", "1"]), plain, max_size=5))
def test_what_is_written_is_read_back_equal(data: dict[str, Any]) -> None:
    assert parse(dump(data)).data == data


def test_a_key_that_stands_twice_is_refused_with_both_lines() -> None:
    with pytest.raises(UsageError) as caught:
        parse("lr: 1\nbatch: 2\nlr: 3\n", "my.yaml")
    assert str(caught.value.problems[0]).startswith("my.yaml:3: key `lr` stands twice, first on line 1")


def test_what_is_no_yaml_is_told_with_its_line() -> None:
    with pytest.raises(UsageError) as caught:
        parse("a: 1\nb: [1, 2\n", "my.yaml")
    assert str(caught.value.problems[0]).startswith("my.yaml:3: this is not YAML")


def test_every_path_knows_its_line() -> None:
    document = parse("a:\n  - use: x\n    lr: 1\nb: 2\n", "f.yaml")
    assert document.where(("a", 0, "lr")) == "f.yaml:3"
    assert document.where(("a", 0, "missing")) == "f.yaml:2"
    assert document.where(("b",)) == "f.yaml:4"
