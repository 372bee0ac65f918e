"""What a run is told besides its parts: languages, task, data, seeds, budget, machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from xlt_core.budget import Budget
from xlt_core.languages import UnknownLanguage, language

Protocol = Literal["zero_shot", "translate_train", "few_shot", "supervised"]


class Settings(BaseModel):
    """A run's settings, as written in `run.yaml`. A key here is a flag of `xlt run`."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    method: str
    """The recipe, with its version."""
    preset: str | None = None
    """The recipe's variant."""
    backbone: str
    """The model that is adapted."""
    task: str | None = None
    """What is learned and scored."""
    sources: tuple[str, ...] = ()
    """Languages with labels."""
    targets: tuple[str, ...] = ()
    """Languages that are scored."""
    adapt: tuple[str, ...] = ()
    """Languages that are adapted together; sources and targets by default."""
    data: str | None = None
    """Data sets' names, folders, or `NAME=FOLDER` where the set NAME lies in the folder: what stands first counts."""
    test_data: str | None = None
    """Where test labels come from, if not from where the others do; written like `data`."""
    resources: dict[str, str] = {}
    """`KIND:LANG[-LANG]` → file."""
    protocol: Protocol = "zero_shot"
    """What target labels may be used for."""
    shots: int | None = Field(None, ge=1)
    """Labelled sentences of each target that a few-shot run learns from, drawn by the seed."""
    seeds: tuple[int, ...] = (1,)
    """Seeds of task training."""
    adaptation_seeds: tuple[int, ...] = (1,)
    """Seeds of adaptation."""
    budget: str | None = None
    """Tokens, steps or minutes of each training stage."""
    precision: Literal["fp32", "bf16", "fp16"] = "fp32"
    """Arithmetic of training."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """Where it is computed."""
    threads: int | None = Field(None, ge=1)
    """CPU threads; all cores by default."""
    deterministic: bool = False
    """Only kernels that repeat to the bit."""
    checkpoint: float = Field(30.0, ge=0)
    """Seconds after which a training saves what it needs to go on after a stop."""

    @field_validator("sources", "targets", "adapt", mode="before")
    @classmethod
    def _languages(cls, value: Any) -> Any:
        items = [item for item in value.split(",") if item.strip()] if isinstance(value, str) else value
        if not isinstance(items, list | tuple):
            raise ValueError("languages are a list: amh,khm")
        codes = [_code(str(item).strip()) for item in items]
        twice = {code for code in codes if codes.count(code) > 1}
        if twice:
            raise ValueError(f"{', '.join(sorted(twice))} stands twice")
        return tuple(codes)

    @field_validator("seeds", "adaptation_seeds", mode="before")
    @classmethod
    def _seeds(cls, value: Any) -> Any:
        """`5` is the seeds 1 to 5; `3,7` are these two."""
        if isinstance(value, int) and not isinstance(value, bool):
            if value < 1:
                raise ValueError("there must be at least one seed")
            return tuple(range(1, value + 1))
        if isinstance(value, str):
            if re.fullmatch(r"[0-9]+", value.strip()):
                return cls._seeds(int(value))
            if not re.fullmatch(r"\s*[0-9]+(\s*,\s*[0-9]+)*\s*,?\s*", value):
                raise ValueError(f"`{value}` is no seeds: write a number of seeds, or a list such as 3,7")
            return tuple(int(seed) for seed in value.split(",") if seed.strip())
        return value

    @field_validator("budget", mode="before")
    @classmethod
    def _budget(cls, value: Any) -> Any:
        return Budget.written(value)

    @field_validator("resources")
    @classmethod
    def _resources(cls, value: dict[str, str]) -> dict[str, str]:
        return dict(_resource(key, path) for key, path in value.items())


def data_parts(text: str) -> list[tuple[str, str]]:
    """What `--data` names, each as the name of a set and a folder, of which one may be empty.

    >>> data_parts("wikigold=gold/wiki,ner/uner")
    [('wikigold', 'gold/wiki'), ('', 'ner/uner')]
    """
    if text and is_folder(text):
        return [("", text)]
    parts = []
    for part in (part.strip() for part in text.split(",") if part.strip()):
        name, equals, folder = part.partition("=")
        named = equals or not (is_folder(part) or "/" in part)
        parts.append((name, folder) if named else ("", part))
    return parts


def is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except OSError:  # a name that no file system takes
        return False


def _code(text: str) -> str:
    try:
        return language(text).code
    except UnknownLanguage as error:
        near = f"; did you mean {', '.join(error.near)}?" if error.near else ""
        raise ValueError(f"no language is called `{text}`{near}") from None


def _resource(key: str, path: str) -> tuple[str, str]:
    kind, colon, of = key.partition(":")
    if not colon or not of or not path:
        raise ValueError(f"`{key}={path}` is no resource: write KIND:LANG=PATH or KIND:LANG-LANG=PATH")
    known = ("text", "parallel", "dictionary", "lookup", "translation", "alignment", "weights", "distances")
    if kind not in known:
        raise ValueError(f"no kind of resource is called `{kind}`: {', '.join(known)}")
    codes = of if kind == "distances" else "-".join(_code(code) for code in of.split("-"))
    return f"{kind}:{codes}", str(Path(path))
