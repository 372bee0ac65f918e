"""How long a training may take."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Budget(BaseModel):
    """An amount of training after which a stage ends, whatever else its schedule says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: float = Field(gt=0)
    unit: Literal["tokens", "steps", "minutes"]

    @classmethod
    def read(cls, text: str) -> Budget:
        """`200steps`, `2M tokens`, `10 minutes`."""
        match = re.fullmatch(r"\s*([0-9.]+)\s*([kKM]?)\s*(tokens|steps|minutes)\s*", text)
        if match is None:
            raise ValueError(f"`{text}` is no budget: write 200steps, 2Mtokens or 10minutes")
        factor = {"": 1, "k": 1_000, "K": 1_000, "M": 1_000_000}[match[2]]
        return cls(amount=float(match[1]) * factor, unit=match[3])

    @classmethod
    def written(cls, value: Any) -> str | None:
        """As settings and options keep it, so that one amount is always the same text."""
        return None if value is None else str(cls.read(str(value)))

    def __str__(self) -> str:
        return f"{self.amount:.15g}{self.unit}"
