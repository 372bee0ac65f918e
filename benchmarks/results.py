"""Tables of results from one committed file: every row a method, every cell a language, every seed a run of its own.

    python benchmarks/results.py benchmarks/tables/unibridge_mini.yaml           docs/results/unibridge_mini.json
    python benchmarks/results.py benchmarks/tables/data.yaml --data ../shared/data --backbone small_backbone
    python benchmarks/results.py FILE --plan                                     what would be run; nothing is

A file holds tables; a table holds flags of all its runs and rows with flags of their own, as `xlt run` takes them.
`ablation: NAME` takes one of the method's published ablations; `{data}` in a flag is --data. What is finished is not
done again: a stopped command goes on, and what runs share is done once. `make docs` draws tables and plots from what
this writes.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlt_core.api import request
from xlt_core.compose.compose import compose
from xlt_core.config.resolve import RunConfig, resolve
from xlt_core.config.variants import Change, Variant, file_name, variants
from xlt_core.errors import StoppedError, XltError
from xlt_core.report.folder import RunFolder
from xlt_core.running.machine import Machine
from xlt_core.running.study import study
from xlt_core.yaml12 import parse

RESULTS = Path(__file__).parent.parent / "docs" / "results"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file."""

    name: str
    title: str
    seeds: tuple[int, ...]
    measure: str
    """The score that is shown; the run's own first measure where none is named."""
    rows: Mapping[str, Mapping[str, Any]]
    """A row's name, and all flags of its runs."""

    def configs(self, row: str) -> Iterator[tuple[int, RunConfig]]:
        """A run for each seed, which draws whatever the run draws."""
        flags = {**self.rows[row]}
        ablation = flags.pop("ablation", None)
        for seed in self.seeds:
            asked = request(**{**flags, "seeds": str(seed) + ",", "adaptation_seeds": str(seed) + ","})
            yield seed, variants(asked, ablation, ())[-1].config if ablation else resolve(asked)


def read(file: Path, given: Mapping[str, str]) -> list[Table]:
    """The tables of a file, with what the command line gives in its places."""
    told = parse(file.read_text(encoding="utf-8"), str(file)).data
    found = []
    for name, table in told["tables"].items():
        shared = {**told.get("flags", {}), **table.get("flags", {})}
        count = int(given.get("seeds") or table.get("seeds") or told.get("seeds", 1))
        rows = {row: _filled({**shared, **(own or {})}, given) for row, own in table["rows"].items()}
        measure = table.get("measure", told.get("measure", ""))
        found.append(Table(name, table["title"], tuple(range(1, count + 1)), measure, rows))
    return found


def _filled(flags: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    found = {key: _with_data(value, given.get("data", "{data}")) for key, value in flags.items() if value is not None}
    return {**found, **({"backbone": given["backbone"]} if given.get("backbone") else {})}


def _with_data(value: Any, data: str) -> Any:
    if isinstance(value, str):
        return value.replace("{data}", data)
    if isinstance(value, list):
        return [_with_data(one, data) for one in value]
    if isinstance(value, dict):
        return {key: _with_data(one, data) for key, one in value.items()}
    return value


def planned(tables: list[Table]) -> None:
    """What each run would do; raises where one can't be composed."""
    for table in tables:
        for row in table.rows:
            found = [compose(config) for _, config in table.configs(row)]
            print(f"{table.name} · {row}: {len(found)} runs of {sum(1 for _ in found[0])} stages")


def done(file: Path, tables: list[Table], out: Path, machine: Machine, results: Path, command: str) -> None:
    """Do all runs, and write down their scores as they come."""
    told: dict[str, Any] = {"file": file.name, "command": command, "tables": {}}
    started = time.monotonic()
    for table in tables:
        found: list[dict[str, Any]] = []
        told["tables"][table.name] = {"title": table.title, "measure": table.measure, "runs": found}
        configs = {row: dict(table.configs(row)) for row in table.rows}
        # seed by seed, so that a command which is stopped leaves rows that can be compared
        for seed in table.seeds:
            seeds_own = {row: own[seed] for row, own in configs.items()}
            for row, run in _side_by_side(seeds_own, out / file.stem / table.name / str(seed), machine):
                found.append({"row": row, "seed": seed, **_scores(run)})
                minutes = (time.monotonic() - started) / 60
                print(f"{minutes:6.1f} min  {table.name} · {row} · seed {seed}: {_headline(found[-1])}", flush=True)
            _write(results / f"{file.stem}.json", told)


def _side_by_side(configs: Mapping[str, RunConfig], folder: Path, machine: Machine) -> Iterator[tuple[str, RunFolder]]:
    """The rows of one seed as one study: what they share is done once, and as many stages at a time as --jobs says."""
    folders = {row: folder / file_name(row) for row in configs}
    missing = [row for row, own in folders.items() if not (own / "scores.json").is_file()]
    if missing:
        study([Variant(row, Change(row), configs[row]) for row in missing], folder, machine)
    for row, own in folders.items():
        yield row, RunFolder.open(own)


def _scores(run: RunFolder) -> dict[str, Any]:
    """A run's scores by language: its measures, less those of single labels, and how many examples they are over."""
    languages: dict[str, dict[str, Any]] = {}
    for row in run.scores["scores"]:
        told = languages.setdefault(row["target"], {"examples": row["examples"], "headline": row["headline"]})
        told |= {name: round(value, 4) for name, value in row["values"].items() if ":" not in name}
    stages = run.scores["stages"]
    fresh = sum(stage["seconds"] for stage in stages if not stage["from_store"])
    told_losses = _held_out(run.path / "metrics.jsonl")
    return {"languages": languages, "seconds": round(fresh, 1), **({"held_out": told_losses} if told_losses else {})}


def _held_out(file: Path) -> dict[str, list[float]]:
    """Of each stage that looked at text it kept back: the loss there when it first looked, and the least."""
    found: dict[str, list[float]] = {}
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []  # none where all was in the store
    for line in lines:
        event = json.loads(line)
        if "held-out loss" in event:
            found.setdefault(event["stage"], []).append(event["held-out loss"])
    return {stage: [round(losses[0], 4), round(min(losses), 4)] for stage, losses in found.items()}


def _headline(found: Mapping[str, Any]) -> str:
    told = {name: own[own["headline"]] for name, own in found["languages"].items()}
    return ", ".join(f"{name} {value:.1f}" for name, value in told.items()) + f"  ({found['seconds']:.0f} s)"


def _write(file: Path, told: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.tmp")
    temporary.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    temporary.replace(file)


def _command(file: Path, told: Mapping[str, str]) -> str:
    """What repeats it anywhere: less the places of this machine."""
    flags = [f"--{key} {Path(value).name}" for key, value in told.items() if key != "data"]
    return " ".join(["python benchmarks/results.py", f"benchmarks/tables/{file.name}", *flags])


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("file", type=Path)
    asked.add_argument("--data", default="../shared/data", help="stands for {data} in the file")
    asked.add_argument("--backbone", help="in the place of the file's")
    asked.add_argument("--seeds", help="in the place of the file's")
    asked.add_argument("--only", help="tables, by name: a,b")
    asked.add_argument("--plan", action="store_true", help="only say what would be run")
    asked.add_argument("--out", type=Path, default=Path("runs/results"))
    asked.add_argument("--results", type=Path, default=RESULTS, help="the folder for the scores")
    asked.add_argument("--jobs", type=int, default=1, help="stages done at once, of all rows of a seed")
    asked.add_argument("--offline", action="store_true", help="never look for anything on the network")
    given = asked.parse_args()
    told = {key: value for key in ("data", "backbone", "seeds") if (value := getattr(given, key))}
    tables = [one for one in read(given.file, told) if not given.only or one.name in given.only.split(",")]
    try:
        if given.plan:
            planned(tables)
        else:
            machine = Machine(offline=given.offline, resume=True, jobs=given.jobs, loudness=-1)
            done(given.file, tables, given.out, machine, given.results, _command(given.file, told))
    except StoppedError as error:
        sys.stderr.write(f"{error.headline} The same command goes on from there.\n")
        return int(error.exit)
    except XltError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
