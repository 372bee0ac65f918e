"""Data sets on the hub: their files are brought once, at a pinned revision, and read where the hub's cache has them.

Which files a configuration's split has is said by the head of the repository's README, as the library `datasets`
reads it too. Only the split that is asked for is brought.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from xlt_core.data.hub_sets import DEV_TOO, SETS, HubSet, tagged
from xlt_core.data.records import COMMIT, EXAMPLES, PAIRS, READ, TEXT, Tagged, write_tagged
from xlt_core.errors import Problem, RefusedError, UnavailableError
from xlt_core.graph.job import Job
from xlt_core.graph.stages import Offer, Stage
from xlt_core.languages import same_language

README = "README.md"
OWN = "--data FOLDER with files of your own"
NO_PAIRS = ", or, where pairs only weigh sources, --set inference=uniform"


@dataclass(frozen=True, slots=True)
class Part:
    """One language's split of a data set, or its texts: what a stage asks of the hub."""

    repository: str
    revision: str
    codes: str
    split: str = ""

    @classmethod
    def of(cls, stage: Stage) -> Part:
        """What a stage's offer names: `hub:unimelb-nlp/wikiann/amh`."""
        assert stage.offer is not None
        kind, _, rest = stage.gives[0].partition(" ")
        return cls.offered(stage.offer, rest.split(":")[2] if kind == "labels" else "")

    @classmethod
    def offered(cls, offer: Offer, split: str) -> Part:
        repository, _, codes = offer.location.removeprefix("hub:").rpartition("/")
        return cls(repository, offer.revision, codes, split)

    @property
    def own(self) -> str:
        """What to type where the hub hasn't got it."""
        return f"--resource parallel:{self.codes}=FILE{NO_PAIRS}" if "-" in self.codes else OWN

    def __str__(self) -> str:
        return f"{self.repository} ({', '.join(filter(None, (self.codes, self.split)))})"


@dataclass(frozen=True, slots=True)
class Files:
    """A configuration's files in the cache, and the names of its labels where the README tells them."""

    config: str
    paths: tuple[Path, ...]
    names: tuple[str, ...] = ()
    commit: str = ""
    """What the revision stood for when they were brought."""


def prepared(part: Part) -> bool:
    """Whether all files of a part are in the cache."""
    try:
        return bool(bring(part, offline=True))
    except (UnavailableError, RefusedError):
        return False


def bring(part: Part, offline: bool = False) -> list[Files]:
    """The files of a part, brought where they aren't here yet; of texts side by side those of each language."""
    kind = layout_of(part)
    folder = _snapshot(part, [README], offline)
    head = _head(folder / README)
    listed = part.codes.split("-") if kind.id else [part.codes]
    return [_files(part, kind, head, code, offline) for code in listed]


def layout_of(part: Part) -> HubSet:
    kind = SETS.get(part.repository)
    if kind is None:
        problem = Problem(f"how {part.repository} is laid out isn't known", "--data", OWN)
        raise RefusedError("This run can be planned, and not yet be done.", [problem])
    return kind


def _files(part: Part, kind: HubSet, head: Mapping[str, Any], code: str, offline: bool) -> Files:
    configs = {str(own["config_name"]): own for own in head.get("configs", ()) if "config_name" in own}
    name = kind.config(code, configs)
    if name is None:
        some = ", ".join(sorted(configs)[:8]) or "none at all"
        raise _unavailable(part, f"its README names no configuration, or several, of {code}; it has {some}", part.own)
    wanted = kind.splits.get(part.split, part.split)
    patterns = _patterns(configs[name], DEV_TOO.get(wanted, (wanted,)))
    if not patterns:
        raise _unavailable(part, f"its configuration {name} has no split {wanted}", part.own)
    folder = _snapshot(part, patterns, offline)
    paths = sorted(
        file for file in folder.rglob("*") if any(fnmatch(file.relative_to(folder).as_posix(), p) for p in patterns)
    )
    if not paths:
        raise _unavailable(part, f"there is no file {', '.join(patterns)} in it", part.own)
    _refuse_missing_pieces(part, paths)
    return Files(name, tuple(paths), _names(head, name, kind.label), folder.name)


def _patterns(config: Mapping[str, Any], splits: Sequence[str]) -> list[str]:
    """Where a split's files lie, as the README says it: a list of splits and paths."""
    files = config.get("data_files", ())
    found = []
    for own in [files] if isinstance(files, dict) else files if isinstance(files, list) else ():
        if isinstance(own, dict) and own.get("split") in splits:
            path = own.get("path", ())
            found += [path] if isinstance(path, str) else list(path)
    return [str(path).removeprefix("./") for path in found]


def _names(head: Mapping[str, Any], config: str, label: str) -> tuple[str, ...]:
    infos = head.get("dataset_info", ())
    for info in [infos] if isinstance(infos, dict) else infos or ():
        if info.get("config_name", config) != config:
            continue
        for feature in info.get("features", ()):
            kind = next((own for key in ("dtype", "sequence", "list") if isinstance(own := feature.get(key), dict)), {})
            names = kind.get("class_label", {}).get("names", {})
            if feature.get("name") == label and names:
                return tuple(names[key] for key in sorted(names, key=int))
    return ()


def _refuse_missing_pieces(part: Part, paths: Sequence[Path]) -> None:
    """`train-00000-of-00002` without its second piece is no whole split."""
    for path in paths:
        before, of, whole = path.stem.rpartition("-of-")
        if of and whole.isdecimal() and len([one for one in paths if one.stem.endswith(f"{of}{whole}")]) < int(whole):
            raise _unavailable(part, f"of {before}{of}{whole} only some pieces are in the cache", "xlt fetch RUN-FLAGS")


def _head(readme: Path) -> Mapping[str, Any]:
    """What stands between the two --- at the top of a README."""
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    parts = text.split("\n---", 1)
    try:
        head = yaml.safe_load(parts[0].removeprefix("---")) if text.startswith("---") and len(parts) == 2 else {}
    except yaml.YAMLError:
        head = {}
    return head if isinstance(head, dict) else {}


# from the hub


def _snapshot(part: Part, patterns: Sequence[str], offline: bool) -> Path:
    """The folder in the hub's cache, with the files that fit."""
    from huggingface_hub import snapshot_download

    asked: dict[str, Any] = {"repo_type": "dataset", "revision": part.revision, "allow_patterns": list(patterns)}
    try:
        return Path(snapshot_download(part.repository, local_files_only=offline, **asked))
    except Exception as error:
        reason = why_not(part.repository, part.revision, error, "datasets/")
        if reason is None:
            raise
        raise _unavailable(part, *reason) from error


def why_not(repository: str, revision: str, error: Exception, kind: str = "") -> tuple[str, str] | None:
    """Why the hub gave nothing, and what to do; nothing for what is no fault of the hub or the way to it."""
    from huggingface_hub import errors

    page = f"https://huggingface.co/{kind}{repository}"
    if isinstance(error, errors.GatedRepoError):
        status = getattr(error.response, "status_code", 0)
        who = "you aren't logged in" if status == 401 else "your account has no access to it yet"
        return f"it is gated, and {who}", f"accept its licence on {page}, then `hf auth login`, or set HF_TOKEN"
    if isinstance(error, errors.RevisionNotFoundError):
        return f"it has no revision {revision}", f"{page}/commits/main lists those that there are"
    if isinstance(error, errors.RepositoryNotFoundError):
        return "there is no such repository, or it is private", f"look at {page}; `hf auth login` for a private one"
    if isinstance(error, errors.LocalEntryNotFoundError | errors.OfflineModeIsEnabled):
        offline = os.environ.get("HF_HUB_OFFLINE") == "1"
        why = "nothing may be fetched" if offline else "the hub can't be reached"
        return f"it is not in the cache at {revision}, and {why}", "xlt fetch with the same flags, where a network is"
    if isinstance(error, errors.HfHubHTTPError):
        return f"the hub refuses: {str(error).splitlines()[0]}", f"try again later; is {page} there?"
    # the base of what the client below raises, whichever one this version of the library has
    if isinstance(error, errors.HTTPError | ConnectionError):  # type: ignore[attr-defined]
        return f"the connection broke: {error}", "try again; what is whole already isn't fetched again"
    if isinstance(error, OSError) and "onsistency check" in str(error):
        return "a file arrived damaged, and was not kept", "try again"
    return None


def _unavailable(part: Part, what: str, fix: str) -> UnavailableError:
    return UnavailableError("A data set can't be had.", [Problem(f"{part}: {what}", "--data", fix)])


# reading


def read_hub(job: Job, rest: str) -> None:
    """Read a part into the store: labels, a text, or sentences side by side."""
    part = Part.of(job.stage)
    kind, files = layout_of(part), bring(part)
    name, *of = job.fact
    if name == "labels":
        rows = ((number, row) for own in files for number, row in enumerate(_rows(part, own)))
        names = files[0].names
        write_tagged(job.out / EXAMPLES, (tagged(kind, row, number, of[1], part.split, names) for number, row in rows))
    elif name == "text":
        lines = (line for row in _rows(part, files[0]) for line in str(row[kind.text[0]]).split("\n"))
        _write(job.out / TEXT, ((line,) for line in lines if line.strip()))
    else:
        _write(job.out / PAIRS, _side_by_side(part, kind, files))
    _tell(job, part, files)


def _tell(job: Job, part: Part, files: Sequence[Files]) -> None:
    """What was read, kept beside it: of a branch, which goes on, the commit says more than its name."""
    commits = ", ".join(dict.fromkeys(own.commit for own in files))
    told = {"repository": part.repository, "revision": part.revision, COMMIT: commits}
    (job.out / READ).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    job.report({"kind": "read", **told})


def labelled(part: Part, files: Files, code: str) -> Iterator[Tagged]:
    """The examples of a part, in a language as the run calls it."""
    kind = layout_of(part)
    for number, row in enumerate(_rows(part, files)):
        yield tagged(kind, row, number, code, part.split, files.names)


def _side_by_side(part: Part, kind: HubSet, files: Sequence[Files]) -> Iterator[tuple[str, ...]]:
    if kind.id:
        held = [{str(row[kind.id]): str(row[kind.text[0]]) for row in _rows(part, own)} for own in files]
        for name in held[0]:
            if all(name in own for own in held):
                yield tuple(own[name] for own in held)
        return
    first = files[0].config.split("-")[0]
    columns = kind.text if same_language(first, part.codes.split("-")[0]) else kind.text[::-1]
    for row in _rows(part, files[0]):
        yield tuple(str(row[column]) for column in columns)


def _write(file: Path, rows: Iterator[tuple[str, ...]]) -> None:
    with file.open("w", encoding="utf-8") as out:
        for cells in rows:
            out.write("\t".join(" ".join(cell.split()) for cell in cells) + "\n")


def _rows(part: Part, files: Files) -> Iterator[dict[str, Any]]:
    import pyarrow

    for path in files.paths:
        try:
            yield from _read(path)
        except (pyarrow.ArrowException, OSError, EOFError, ValueError, zlib.error, csv.Error) as error:
            what = f"{path} is damaged: {str(error).splitlines()[0]}"
            raise _unavailable(part, what, f"rm {path.resolve()} {path}, then the same command again") from error


def _read(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a Parquet file, of JSON lines, or of a table with a header."""
    name = path.name.removesuffix(".gz")
    if name.endswith(".parquet"):
        import pyarrow.parquet

        with pyarrow.parquet.ParquetFile(path) as opened:
            for batch in opened.iter_batches():
                yield from batch.to_pylist()
        return
    with gzip.open(path, "rt", encoding="utf-8") if path.name.endswith(".gz") else path.open(encoding="utf-8") as lines:
        if name.endswith((".jsonl", ".json")):
            yield from (json.loads(line) for line in lines if line.strip())
        elif name.endswith(".csv"):
            yield from csv.DictReader(lines)
        else:
            yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
