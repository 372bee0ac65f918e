"""Every word once: what a cache gives is what the tool gives, and a damaged one gives nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlt_core.rewriting.kept import Kept
from xlt_core.rewriting.once import Once
from xlt_core.rewriting.tally import AS_IT_IS, IN_PART, NOT
from xlt_core.rewriting.tool import Chain, Form, LineTool, Surface, Through, Tool
from xlt_core.rewriting.words import edges, words_of

TEXTS = st.lists(st.text(st.sampled_from("abцдሰ　 '’.-,!\t\u200b\u0301„7，あ\x00"), max_size=12), max_size=8)


class Backwards(Tool):
    """Turns words round; has no form for those with a `b`, and a partial one for those with a `д`."""

    name = "backwards"

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        self.asked.update(words)
        return [None if "b" in word else Form(word[::-1], self.name, "д" not in word) for word in words]


def plainly(lines: Sequence[str]) -> list[str]:
    """What the lines become, without anything being kept anywhere."""
    tool = Backwards()
    rows = [[word for chunk in line.split() for word in words_of(chunk)] for line in lines]
    forms = [[(word, tool.forms([word])[0]) for word in row] for row in rows]
    return [" ".join(word if form is None else form.text for word, form in row) for row in forms]


@given(TEXTS, TEXTS)
def test_a_cache_changes_nothing_and_spares_every_second_question(first: list[str], second: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for lines, again in ((first, False), (second, False), (first + second, True)):
            tool = Backwards()
            with Kept(Path(folder), "backwards", {}) as kept:
                once = Once(tool, kept)
                assert once.lines(lines) == plainly(lines)
                assert not kept.off
            assert all(count == 1 for count in tool.asked.values())
            if again:
                assert all("\0" in word for word in tool.asked)


@given(TEXTS)
def test_a_memory_that_is_too_small_forgets_and_goes_on(lines: list[str]) -> None:
    once = Once(Backwards(), most=2)
    assert [said for line in lines for said in once.lines([line])] == plainly(lines)


@given(st.text(max_size=30).filter(lambda text: not text.split() or len(text.split()) == 1))
def test_no_letter_is_lost_when_a_chunk_is_cut(text: str) -> None:
    for chunk in text.split():
        words = words_of(chunk)
        assert all(words)
        assert set(chunk) - set("".join(words)) <= {sign for sign in chunk if sign == "\u200b" or ord(sign) < 0xA0}
        assert "".join(edges(chunk)) == chunk


def test_words_and_their_marks() -> None:
    assert words_of("«don’t»...") == ["«", "don’t", "»", "..."]
    assert words_of("10:30,5%") == ["10:30,5", "%"]
    assert words_of("و\u200cاین،") == ["و\u200cاین", "،"]
    assert words_of("ខ្ញុំ\u200bស្រឡាញ់") == ["ខ្ញុំ", "ស្រឡាញ់"]
    assert words_of("今天，好。") == ["今天", "，", "好", "。"]
    assert words_of("हिन्दी।") == ["हिन्दी", "।"]


def test_what_became_of_words_is_counted() -> None:
    once = Once(Backwards())
    assert once.words(["ab", "ad", "дa", "!", "ab"]) == ["ab", "da", "aд", "!", "ab"]
    assert once.tally.by == {NOT: 2, "backwards": 1, IN_PART: 1, AS_IT_IS: 1}
    assert once.tally.first == {"ab": 2, "дa": 1}
    assert once.tally.coverage == 1 / 4
    assert "not read to the end: ab (2), дa (1)" in once.tally.text()


def test_a_chain_takes_the_first_whole_form_and_else_the_first_in_part() -> None:
    def table(name: str, **forms: Form) -> Tool:
        tool = Tool()
        tool.name = name
        tool.forms = lambda words: [forms.get(word) for word in words]  # type: ignore[method-assign]
        return tool

    one = table("one", a=Form("A", "one"), c=Form("c?", "one", whole=False), d=Form("d?", "one", whole=False))
    two = table("two", a=Form("AA", "two"), b=Form("B", "two"), c=Form("C", "two"), d=Form("d!", "two", whole=False))
    chain = Chain("chain", [one, two])
    assert chain.forms(["a", "b", "c", "d", "e"]) == [
        Form("A", "one"), Form("B", "two"), Form("C", "two"), Form("d?", "one", whole=False), None,
    ]  # fmt: skip
    through = Through("both", one, Surface(lower=True))
    assert through.forms(["a", "b", "c"]) == [Form("a", "both"), None, None]


def test_a_tool_by_lines_gets_lines_whole_and_words_as_lines() -> None:
    once = Once(LineTool("shout", lambda lines: [line.upper() for line in lines]))
    assert once.lines(["a  b,", ""]) == ["A  B,", ""]
    assert once.words(["a b", "c"]) == ["A B", "C"]


# the disk


def kept_words(folder: Path) -> Kept:
    kept = Kept(folder, "t", {"version": 1})
    kept.put({f"w{n}": Form(f"f{n}", "t") for n in range(500)} | {"none": None, "part": Form("p", "t", False)})
    return kept


def test_forms_come_back_as_they_were(tmp_path: Path) -> None:
    kept_words(tmp_path).close()
    with Kept(tmp_path, "t", {"version": 1}) as kept:
        assert kept.get(["w7", "none", "part", "other"]) == {
            "w7": Form("f7", "t"), "none": None, "part": Form("p", "t", False),
        }  # fmt: skip
    with Kept(tmp_path, "t", {"version": 2}) as kept:
        assert kept.get(["w7"]) == {}


@pytest.mark.parametrize("at", [0, 20, 4100, 5000, 9000, -40])
def test_a_damaged_file_is_never_believed(tmp_path: Path, at: int) -> None:
    kept = kept_words(tmp_path)
    kept.close()
    data = bytearray(kept.file.read_bytes())
    for near in range(at, at + 30):
        data[near % len(data)] ^= 0x15
    kept.file.write_bytes(bytes(data))
    with Kept(tmp_path, "t", {"version": 1}) as again:
        found = again.get([f"w{n}" for n in range(500)])
        assert all(form == Form(f"f{word[1:]}", "t") for word, form in found.items())
        again.put({"new": Form("n", "t")})
        assert again.get(["new"]) == {"new": Form("n", "t")} and not again.off


def test_a_row_that_somebody_changed_is_not_believed(tmp_path: Path) -> None:
    kept = kept_words(tmp_path)
    kept.close()
    with sqlite3.connect(kept.file) as opened:
        opened.execute("UPDATE forms SET form = 'wrong' WHERE word = 'w3'")
    opened.close()
    assert Kept(tmp_path, "t", {"version": 1}).get(["w3", "w4"]) == {}


def test_a_disk_that_is_not_ours_is_told_and_gone_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = Kept(tmp_path / "file" / "folder", "t", {})
    once = Once(Backwards(), kept)
    assert once.lines(["ad"]) == ["da"]
    assert "Not a directory" in kept.off


def test_processes_share_a_file(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from xlt_core.rewriting.kept import Kept
from xlt_core.rewriting.tool import Form
with Kept(Path(sys.argv[1]), "t", {}) as kept:
    for start in range(0, 2000, 20):
        words = [f"w{n}" for n in range(start, start + 20)]
        kept.put({word: Form(word.upper(), "t") for word in words if word not in kept.get(words)})
    assert not kept.off, kept.off
"""
    started = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    with Kept(tmp_path, "t", {}) as kept:
        assert kept.get(f"w{n}" for n in range(2000)) == {f"w{n}": Form(f"W{n}", "t") for n in range(2000)}
