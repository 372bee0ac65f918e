"""`xlt rewrite` and its kin: order kept, mistakes told, nothing left behind."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from xlt_core.cli.main import call

SHOUT = """
import time
from xlt_core.hooks import Card, hookimpl
from xlt_core.rewriting.tool import Form, Tool
from xlt_core.slots.rewriting import Rewriter
XLT_API = 1

@hookimpl
def xlt_rewriters():
    yield Card("shout", "Capital letters.", "shout:Shout", "shout:tool")
    yield Card("far", "Needs what isn't there.", "shout:Far", "shout:tool")

class Shout(Rewriter):
    verb = "romanise"
    codes = {"grn": "grn"}
    seconds: float = 0.0

class Far(Rewriter):
    extra = "xlt-far[away]"
    def requires(self, language):
        return ("no-such-distribution",)

class Loud(Tool):
    name = "shout"
    def __init__(self, seconds): self.seconds = seconds
    def forms(self, words):
        time.sleep(self.seconds)
        return [Form(word.upper(), self.name) for word in words]

def tool(options, language, files):
    return Loud(options.seconds)
"""


@pytest.fixture
def shout() -> Iterator[Path]:
    Path("shout.py").write_text(SHOUT)
    yield Path("shout.py")
    sys.modules.pop("shout", None)


@dataclass
class Done:
    returncode: int
    stdout: bytes
    stderr: str


class Piped(Protocol):
    def __call__(self, text: bytes, *arguments: str) -> Done: ...


@pytest.fixture
def piped(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Piped:
    """The command line with text piped in: `piped(b"...", "rewrite", "--lang", "grn")`."""

    def do(text: bytes, *arguments: str) -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        code = call(list(arguments))
        sys.stdout.flush()
        told = capfdbinary.readouterr()
        return Done(code, told.out, told.err.decode())

    return do


def test_lines_keep_their_order_in_one_process_and_in_several(piped: Piped, shout: Path) -> None:
    lines = [f"mot{n} ha'e mot{n % 7}," for n in range(6000)]
    text = ("\n".join(lines) + "\n").encode()
    asked = ("rewrite", "--with", "shout", "--lang", "grn", "--plugin", "shout.py", "--no-keep")
    Path("in.txt").write_bytes(text)
    one = piped(text, *asked, "--jobs", "1")
    several = piped(b"", *asked, "--jobs", "2", "in.txt")
    assert one.returncode == several.returncode == 0
    assert one.stdout == several.stdout
    assert one.stdout.decode().splitlines() == [line.upper().replace(",", " ,") for line in lines]
    assert "24,000 words: shout 18,000, as it is 6,000 (100.0% of what has letters)" in one.stderr


def test_an_alias_finds_who_can_and_says_so(piped: Piped, shout: Path) -> None:
    done = piped(b"aguyje\n", "romanise", "--with", "shout", "--lang", "Guarani", "--plugin", "shout.py")
    assert done.stdout == b"AGUYJE\n" and "assumed" not in done.stderr
    told = piped(b"aguyje\n", "romanise", "--lang", "Guarani")
    assert "assumed: --with translit_ppa.uroman" in told.stderr
    told = piped(b"x\n", "rewrite", "--lang", "grn", "--plugin", "shout.py")
    assert told.returncode == 2 and "--with identity or" in told.stderr


def test_files_may_be_gzipped_and_have_windows_line_ends(piped: Piped, shout: Path) -> None:
    Path("a.gz").write_bytes(gzip.compress("\ufeffsí, upéi\r\n\r\nche".encode()))
    done = piped(b"", "rewrite", "--with", "shout", "--lang", "grn", "--plugin", "shout.py", "a.gz")
    assert done.stdout.decode() == "SÍ , UPÉI\n\nCHE\n"


def test_what_is_kept_is_not_asked_for_again_and_the_store_goes_on(piped: Piped, shout: Path) -> None:
    asked = ("rewrite", "--with", "shout", "--lang", "grn", "--plugin", "shout.py")
    first = piped(b"che sy\n", *asked, "--report", "one.json")
    again = piped(b"che ru\n", *asked)
    assert (first.stdout, again.stdout) == (b"CHE SY\n", b"CHE RU\n")
    told = json.loads(Path("one.json").read_text())
    assert told["rewritten"]["by"] == {"shout": 2} and told["rewritten"]["coverage"] == 1.0
    (file,) = (Path(os.environ["XLT_HOME"]) / "store" / "shared" / "rewritten").iterdir()
    for verb in (("ls",), ("verify",), ("gc",), ("gc", "--older-than", "1")):
        assert piped(b"", "store", *verb).returncode == 0
        assert file.is_file()
    os.utime(file, (0, 0))
    assert piped(b"", "store", "gc", "--older-than", "1").returncode == 0
    assert not file.exists()


BAD = [
    (("--with", "shout", "--lang", "amh"), b"x\n", 3, "shout can't romanise amh (Amharic)"),
    (("--with", "shout", "--lang", "qqx"), b"x\n", 2, "no language known here goes by `qqx`"),
    (("--with", "shoot", "--lang", "grn"), b"x\n", 2, "did you mean `shout`?"),
    (("--with", "shout", "--lang", "grn", "--set", "second=1"), b"x\n", 2, "--set second: there is no option `second`"),
    (("--with", "shout", "--lang", "grn", "--set", "seconds"), b"x\n", 2, "it wants OPTION=VALUE"),
    (("--with", "shout", "--lang", "grn"), b"a\nb\n\xff\n", 1, "standard input:3: this is not UTF-8"),
    (("--with", "shout", "--lang", "grn", "nowhere.txt"), b"", 4, "No such file or directory: nowhere.txt"),
    (("--with", "far", "--lang", "grn"), b"x\n", 4, "Try: pip install 'xlt-far[away]'"),
    (("--with", "lookup", "--lang", "grn"), b"x\n", 2, "Try: --resource lookup:grn=FILE"),
    (("--with", "lookup", "--lang", "grn", "--resource", "lookup:grn=no.tsv"), b"x\n", 4, "there is no file no.tsv"),
    (("--with", "lookup", "--lang", "grn", "--resource", "lookup:grn=shout.py"), b"x\n", 1, "shout.py:2: a line holds"),
]


@pytest.mark.parametrize(("arguments", "text", "code", "told"), BAD, ids=[case[3] for case in BAD])
def test_mistakes_are_told(
    piped: Piped, shout: Path, arguments: tuple[str, ...], text: bytes, code: int, told: str
) -> None:
    done = piped(text, "rewrite", *arguments, "--plugin", "shout.py")
    assert done.returncode == code and told in done.stderr and "Traceback" not in done.stderr


def test_no_line_is_lost_where_python_keeps_no_buffer(shout: Path) -> None:
    """A pipe takes a part of a large block then, and says so."""
    Path("long.txt").write_text("peteĩ mokõi\n" * 100_000)
    command = (
        f"{sys.executable} -u -m xlt_core.cli.main rewrite --with identity --lang grn long.txt | (sleep 0.2; wc -l)"
    )
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120, check=False)
    assert int(done.stdout) == 100_000


def test_a_reader_that_goes_away_is_no_mistake(shout: Path) -> None:
    Path("long.txt").write_text("peteĩ mokõi\n" * 100_000)
    command = (
        f"{sys.executable} -m xlt_core.cli.main rewrite --with shout --lang grn --plugin shout.py long.txt | head -1"
    )
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "PETEĨ MOKÕI\n" and done.stderr == ""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_control_c_ends_it_with_a_word_and_no_trace(shout: Path, jobs: str) -> None:
    Path("long.txt").write_text("".join(f"w{n}\n" for n in range(5000)))
    command = [sys.executable, "-m", "xlt_core.cli.main", "rewrite", "--with", "shout", "--lang", "grn",
               "--plugin", "shout.py", "--set", "seconds=3", "--jobs", jobs, "long.txt"]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.5)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and b"Traceback" not in errors
    assert errors.decode().splitlines()[0] == "Stopped before the text's end."


# four columns


def four(piped: Piped, *arguments: str) -> tuple[list[list[str]], str]:
    done = piped(b"", "data", "rewrite", *arguments)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.decode().splitlines()], done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "Che\tPRON\naiko\tVERB\n\n#\tSYM\n",
        "Che PRON\naiko VERB\n\n# SYM\n",
        "Che\tPRON\tʃe\tche\naiko\tVERB\t\t\n\n#\tSYM\t#\t#\n",
        "# text = Che aiko\n1-2\tCheaiko" + "\t_" * 8 + "\n1\tChe\t_\tPRON" + "\t_" * 6
        + "\n2\taiko\t_\tVERB" + "\t_" * 6 + "\n2.1\tx\t_\tVERB" + "\t_" * 6
        + "\n\n# sent_id = 2\n1\t#\t_\tSYM" + "\t_" * 6 + "\n\n",
        "# text = Che aiko\n1\tChe\tPRON\t-\t-\n2\taiko\tVERB\t-\t-\n\n1\t#\tSYM\t-\t-\n",
    ],
    ids=["tabs", "spaces", "four columns", "conllu", "numbered"],
)  # fmt: skip
def test_any_tagged_file_becomes_four_columns(piped: Piped, shout: Path, text: str) -> None:
    Path("in.tsv").write_text(text)
    rows, told = four(piped, "--lang", "grn", "--ipa", "identity", "--roman", "shout", "--plugin", "shout.py", "in.tsv")
    assert rows == [["Che", "PRON", "Che", "CHE"], ["aiko", "VERB", "aiko", "AIKO"], [""], ["#", "SYM", "#", "#"], [""]]
    assert "roman: 3 words: shout 2, as it is 1" in told


def test_a_line_without_a_tag_is_told(piped: Piped) -> None:
    Path("in.tsv").write_text("Che\tPRON\naiko\n")
    done = piped(b"", "data", "rewrite", "--lang", "grn", "--ipa", "identity", "--roman", "identity", "in.tsv")
    assert done.returncode == 1 and "in.tsv:2: a line holds a word and its tag" in done.stderr


def test_what_is_harvested_gives_the_columns_back(piped: Piped) -> None:
    Path("a.tsv").write_text("一\tX\ti˥\tyī\n个\tX\tkɤ˥\tgè\n个\tX\tkɤ˥˩\tgè\n个\tX\tkɤ˥˩\tgè\n'\tX\t\t'\n\n")
    Path("dict.txt").write_text("一\ti˥˩\tmột\tʔmot\n二\tɑɻ˥˩\thai\thaj\n")
    first = piped(b"", "data", "harvest", "dict.txt", "--columns", "1,2")
    Path("d.tsv").write_bytes(first.stdout)
    both = piped(b"", "data", "harvest", "a.tsv", "d.tsv")
    assert both.stdout.decode() == "一\ti˥\n个\tkɤ˥˩\n二\tɑɻ˥˩\n"
    assert "3 words; 1 with several forms in a file (个: kɤ˥, kɤ˥˩); 1 whose form in a later file differs" in (
        both.stderr
    )
    dropped = piped(b"", "data", "harvest", "dict.txt", "--columns", "3,4", "--drop", "ʔ")
    assert dropped.stdout.decode() == "hai\thaj\nmột\tmot\n"
    Path("l.tsv").write_bytes(both.stdout)
    rows, _ = four(
        piped, "--lang", "zho", "--ipa", "lookup", "--resource", "lookup:zho=l.tsv", "--roman", "identity", "a.tsv"
    )
    assert [row[2] for row in rows if len(row) > 1] == ["i˥", "kɤ˥˩", "kɤ˥˩", "kɤ˥˩", "'"]
