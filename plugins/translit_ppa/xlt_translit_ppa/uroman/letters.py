"""What Uroman's rules read of a letter, and so where a line may be cut.

A rule joins letters (`spelling`), or it reads the letters beside it. Letters of one sign are told apart by no rule that
looks over a cut, so any of them can stand for any other there.
"""

from __future__ import annotations

import functools
import itertools
import unicodedata
from enum import Enum
from typing import Any, NamedTuple

import regex

DOUBLERS = "っッ\u0a71"
LENGTHENERS = "ゃゅょャュョー"
KHMER_YO = "យ"
NUMBER_SIGNS = ".分之"
_DIGIT = regex.compile(r"\d")
_LETTER = regex.compile(r"\pL")
_IN_WORD = regex.compile(r"\pL|\pM")
_OPEN = regex.compile(r"(?i)[aeiou]")
_CONTEXTS = (
    "use-only-at-start-of-word",
    "dont-use-at-start-of-word",
    "use-only-at-end-of-word",
    "dont-use-at-end-of-word",
    "use-only-for-whole-word",
    "t-at-end-of-syllable",
)


class Thai(Enum):
    """The letters of a Thai syllable, as far as its rules tell them apart."""

    CONSONANT = "กขฃคฅฆงจฉชซฌฎฏฐฑฒณดตถทธนบปผฝพฟภมลศษสหฬฮ"
    GLIDE = "ญยรว"
    """Consonants that can also be a vowel, or part of one."""
    HELD = "อฤฦ\u0e4d"
    """Never cut from a Thai letter before it."""
    PRE_VOWEL = "เแโใไ"
    TONE = "่้๊๋"
    OTHER = ""
    """Vowels, marks, and all that isn't Thai."""


class Sign(NamedTuple):
    """All that is read of a letter over a cut."""

    space: bool
    script: str
    thai: Thai
    in_word: bool
    alpha: bool
    reads_as_alpha: bool | None
    lower: bool
    numeric: bool
    number: bool
    vowel_sign: bool
    medial: bool
    virama: bool
    subjoined: bool
    tibetan: bool
    clings: bool
    grasps: bool

    def behind(self) -> tuple[object, ...]:
        """What a piece reads of the letter before it."""
        joining = (self.number, self.tibetan, self.grasps)
        return (self.space, self.script, self.thai, self.in_word, self.numeric, self.virama, joining)

    def ahead(self) -> tuple[object, ...]:
        """What a piece reads of the letter after it."""
        joining = (self.number, self.tibetan, self.clings)
        word = (self.space, self.in_word, self.alpha, self.reads_as_alpha, self.lower)
        return (word, self.script, self.thai, self.numeric, self.vowel_sign, self.medial, self.subjoined, joining)


class Letters:
    """Signs of letters, and which pairs of letters may be cut."""

    def __init__(self, uroman: Any) -> None:
        self.uroman = uroman
        self.sign = functools.cache(self._sign)
        spelled = [spelling for spelling in uroman.rom_rules if len(spelling) > 1]
        self.openers = {spelling[0] for spelling in spelled}
        self.number_signs = {*NUMBER_SIGNS, *"".join([*uroman.minus_signs, *uroman.plus_signs])}
        self.joined = {pair for spelling in spelled for pair in itertools.pairwise(spelling)}
        self.picky = {letter for pair in self.joined if self._loose(*pair) for letter in pair}

    def rules(self, letter: str) -> list[Any]:
        return list(self.uroman.rom_rules.get(letter, ()))

    def script(self, letter: str) -> str:
        return str(self.uroman.dict_str.get(("script", letter), ""))

    def is_a(self, what: str, letter: str) -> bool:
        return bool(self.uroman.dict_bool.get((what, letter), False))

    def cut(self, left: str, right: str) -> bool:
        """Whether no rule joins the two or reads further than the other letter, from either side."""
        return (left, right) not in self.joined and self._loose(left, right)

    def _loose(self, left: str, right: str) -> bool:
        a, b = self.sign(left), self.sign(right)
        return not (
            b.virama
            or (b.clings and not a.space)
            or a.grasps
            or (a.number and b.number and not left == right == ".")
            or (a.tibetan and b.tibetan)
            or ("Thai" in (a.script, b.script) and a.in_word and b.in_word and not _between_syllables(a, b))
        )

    def replaceable(self, letter: str) -> bool:
        """Whether another of its sign does as well: no rule names it, but for what is never cut from it."""
        named = letter in DOUBLERS or letter == KHMER_YO or letter in self.number_signs
        opens = not self.sign(letter).in_word and any(_OPEN.match(rule["t"] or "") for rule in self.rules(letter))
        return not (named or opens)

    def deaf(self, letter: str) -> bool:
        """Whether a letter cut from both neighbours sounds the same whatever they are."""
        sign, rules = self.sign(letter), self.rules(letter)
        roms = [rule["t"] or "" for rule in rules]
        script = self.uroman.scripts.get(sign.script.lower())
        return not (
            sign.number
            or sign.numeric
            or sign.script == "Thai"
            or sign.tibetan
            or sign.grasps
            or (script and script["abugida-default-vowels"])
            or any(rule[context] is not None for rule in rules for context in _CONTEXTS)
            or any((rom.isupper() and len(rom) > 1) or rom != rom.strip(" ") for rom in roms)
        )

    def _reads_as_alpha(self, letter: str) -> bool | None:
        """Whether its rules say that a word goes on at it (`is_at_end_of_word`); None where that look-up fails."""
        for rule in self.rules(letter):
            if not rule["use-only-at-start-of-word"]:
                if rule["t"] is None:
                    return None
                if _LETTER.search(rule["t"]):
                    return True
        return False

    def _number(self, letter: str) -> bool:
        """Whether a number beside it may take it in, or be spaced from it."""
        composed = (chr(int(code, 16)) for code in unicodedata.decomposition(letter).split() if code[0] != "<")
        return (
            bool(self.uroman.num_props.get(letter))
            or letter in self.number_signs
            or self.is_a("is-virama", letter)
            or unicodedata.numeric(letter, None) is not None
            or any(_DIGIT.search(rule["t"] or "") for rule in self.rules(letter))
            or any(map(self._number, composed))
        )

    def _sign(self, letter: str) -> Sign:
        script, name, category = self.script(letter), self.uroman.chr_name(letter), unicodedata.category(letter)
        read = self._reads_as_alpha(letter)
        virama = self.is_a("is-virama", letter)
        vowel_sign = self.is_a("is-vowel-sign", letter)
        return Sign(
            space=letter == " ",
            script=script,
            thai=next((kind for kind in Thai if letter in kind.value), Thai.OTHER),
            in_word=bool(_IN_WORD.match(letter)),
            alpha=letter.isalpha(),
            reads_as_alpha=read,
            lower=letter.islower(),
            numeric=unicodedata.numeric(letter, None) is not None,
            number=self._number(letter),
            vowel_sign=vowel_sign,
            medial=self.is_a("is-medial-consonant-sign", letter),
            virama=virama,
            subjoined="SUBJOINED LETTER" in name,
            tibetan=script == "Tibetan" and (vowel_sign or "LETTER" in name),
            clings=virama or category == "Mn" or letter in LENGTHENERS or (read is not True and letter in self.openers),
            grasps=letter in DOUBLERS,
        )


def _between_syllables(a: Sign, b: Sign) -> bool:
    """A Thai consonant reads whether a vowel follows: a vowel is answer enough, or what can only be a consonant."""
    if a.script != "Thai" or b.thai is Thai.PRE_VOWEL:
        return b.thai is Thai.PRE_VOWEL
    after_sound = a.thai is not Thai.PRE_VOWEL and b.thai is Thai.CONSONANT
    after_vowel = a.thai is Thai.OTHER and b.thai is Thai.GLIDE
    return after_sound or after_vowel
