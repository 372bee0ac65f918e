"""What goes to stdout for programs: versioned documents."""

from __future__ import annotations

import json
import sys
from typing import Any, BinaryIO

import click

FORMAT = 1


def print_json(kind: str, data: Any) -> None:
    """One document: `{"xlt": KIND, "format": 1, ...}`."""
    body = data if isinstance(data, dict) else {"items": data}
    click.echo(json.dumps({"xlt": kind, "format": FORMAT, **body}, ensure_ascii=False, indent=2, default=str))


def binary_stdout() -> BinaryIO:
    """Standard output for bytes. Without a buffer of its own (`python -u`) it takes large blocks in part."""
    sys.stdout.flush()
    return open(sys.stdout.fileno(), "wb", closefd=False)
