"""Words with each other's forms: as many of each form as before, and none at home."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rewriting.test_stage import PHONEMES
from xlt_core import plan
from xlt_core.errors import RefusedError
from xlt_core.rewriting.find import Wanted, about
from xlt_core.rewriting.session import session
from xlt_core.rewriting.shuffled import shuffled
from xlt_core.rewriting.tool import Form

words = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.sampled_from("12345"), min_size=1)
MINI: dict[str, Any] = {"method": "zero_shot", "backbone": "mini", "targets": "swh", "set": [PHONEMES]}


def texts(forms: dict[str, Form]) -> list[str]:
    return [form.text for form in forms.values()]


@given(words, st.integers(1, 9))
def test_as_many_words_have_each_form_and_none_its_own_where_that_can_be(found: dict[str, str], number: int) -> None:
    forms = {word: Form(text, "tool") for word, text in found.items()}
    drawn = shuffled(forms, number)
    assert list(drawn) == list(forms) and Counter(texts(drawn)) == Counter(texts(forms))
    commonest = max(Counter(texts(forms)).values())
    assert sum(drawn[word] == forms[word] for word in forms) == max(0, 2 * commonest - len(forms))
    assert shuffled(dict(reversed(forms.items())), number) == drawn


def test_the_number_draws_which() -> None:
    forms = {f"w{n}": Form(str(n), "tool") for n in range(200)}
    one, other = shuffled(forms, 1, "zho", "phonemes"), shuffled(forms, 2, "zho", "phonemes")
    assert one == shuffled(forms, 1, "zho", "phonemes")
    assert sum(one[word] == other[word] for word in forms) < 10
    assert one != shuffled(forms, 1, "vie", "phonemes")


@pytest.mark.parametrize("name", ["mini_ipa", "mini_latin", "epitran", "phonexl.transcriber", "identity"])
def test_every_rewriter_can_be_the_one_that_is_shuffled(name: str) -> None:
    made = plan(**{**MINI, "set": [PHONEMES, f"rewriting.phonemes={{use: {name}, shuffled: 3}}"]})
    rewrites = {stage.id: stage for stage in made.of("rewrite")}
    after = {fact: [other for other in stage.needs if "rewritten" in other] for fact, stage in rewrites.items()}
    train, dev = (f"rewrite(eng, phonemes, labels:ner:eng:{split})" for split in ("train", "dev"))
    assert after[train] == [] and after[dev] == ["artefact rewritten:eng:phonemes:labels:ner:eng:train"]
    assert all(stage.options["shuffled"] == 3 for stage in rewrites.values())


def test_what_is_shuffled_is_the_same_for_all_seeds_and_alone_hangs_on_earlier_texts() -> None:
    asked = {**MINI, "seeds": 3}
    edits = [PHONEMES, "rewriting.phonemes={use: mini_ipa, shuffled: 3}"]
    made = plan(**{**asked, "set": edits})
    assert len(made.of("rewrite")) == 3
    plain = plan(**{**asked, "set": [PHONEMES, "rewriting.phonemes=mini_ipa"]})
    assert not any("rewritten" in need for stage in plain.of("rewrite") for need in stage.needs)


def test_words_of_running_text_are_not_shuffled_yet() -> None:
    edits = ["rewriting.phonemes={use: mini_ipa, shuffled: 1}", PHONEMES]
    made = plan(**{**MINI, "method": "madx", "set": edits})
    unbuilt = [stage.details["unbuilt"] for stage in made.of("rewrite") if "text:" in stage.id]
    assert unbuilt and all(found == ["mini_ipa: shuffled: words of running text"] for found in unbuilt)


def test_a_pipe_is_refused_and_what_is_kept_on_disk_is_everybodys_own_form(tmp_path: Path) -> None:
    wanted = Wanted("identity", "eng", {"shuffled": 1})
    with pytest.raises(RefusedError, match="wants all words of a corpus at once"), session(wanted, tmp_path):
        pass
    plain = Wanted("identity", "eng")
    kept = [about("identity", own.declared(), "eng", own.tool()) for own in (wanted, plain)]
    assert kept[0] == kept[1]
