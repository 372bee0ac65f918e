"""How Russian sounds: from the spelling and the stress, with reduced vowels, soft and devoiced consonants."""

from __future__ import annotations

import re
from typing import ClassVar

from xlt_core.mini.sound.base import Sound, UnknownWord, readings

_STRESS = "\u0301"
_VOWELS = "аеёиоуыэюя"
_SOFTENING = "еёиюяь"
_ENDINGS = frozenset(
    " а я о е и ы у ю й ь ой ей ом ем ам ям ах ях ов ый ий ая яя ое ее ую юю ого его ым им ых их ью "
    "ия ию ии ий ие иях".split(" ")
)

_CONSONANTS = {
    "б": "b", "в": "v", "г": "ɡ", "д": "d", "ж": "ʐ", "з": "z", "й": "j", "к": "k", "л": "l", "м": "m", "н": "n",
    "п": "p", "р": "r", "с": "s", "т": "t", "ф": "f", "х": "x", "ц": "ts", "ч": "tɕ", "ш": "ʂ", "щ": "ɕː",
}  # fmt: skip
_HARD, _SOFT = "жшц", "чщй"
_VOICED = dict(zip("bvɡdʐz", "pfktʂs", strict=True))
_VOICELESS = {quiet: loud for loud, quiet in _VOICED.items()} | {"ts": "dz", "tɕ": "dʑ", "x": "ɣ", "ɕː": "ʑː"}
_STRESSED = {
    "а": "a", "е": "ɛ", "ё": "o", "и": "i", "о": "o", "у": "u", "ы": "ɨ", "э": "ɛ", "ю": "u", "я": "a",
}  # fmt: skip
# Little words that lean on the next one.
_LEANING = {"в": "v", "во": "vɐ", "на": "nɐ", "из": "ɪz", "от": "ɐt", "но": "no", "и": "i", "не": "nʲɪ"}

_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu",
    "я": "ya",
}  # fmt: skip


class Russian(Sound):
    """The readings are respellings with an acute on the stressed vowel, of words or of stems ("книг-").

    A stem without a stress lays it on the ending; a word of one syllable or with ё needs no entry.
    """

    language: ClassVar[str] = "rus"

    def sounds(self, word: str) -> str:
        small = word.lower()
        return _LEANING.get(small) or "".join(_ipa(part) for part in self._stressed(small).split())

    def _stressed(self, word: str) -> str:
        listed = readings(self.language)
        said = listed.get(word) or self._from_stem(word) or word
        syllables = [letter for letter in said if letter in _VOWELS]
        known = _STRESS in said or "ё" in said or len(syllables) == 1
        if not known or not re.fullmatch(f"[а-яё{_STRESS} -]+", said):
            raise UnknownWord(f"the mini world has no reading of {word!r} in {self.language}")
        return said.replace("-", "")

    def _from_stem(self, word: str) -> str:
        listed = readings(self.language)
        for size in range(len(word), 1, -1):
            stem, ending = listed.get(f"{word[:size]}-"), word[size:]
            if stem is None or ending not in _ENDINGS:
                continue
            # The г of "нового" is said as a v.
            ending = re.sub("го$", "во", ending)
            return stem + (ending if _STRESS in stem else re.sub(f"([{_VOWELS}])", rf"\1{_STRESS}", ending, count=1))
        return ""

    def letters(self, word: str) -> str:
        spelled = re.sub("(ы|и)й$", "ы", word) if len(word) > 3 else word
        done = ""
        for at, letter in enumerate(spelled):
            latin = _LATIN.get(letter.lower(), letter.lower())
            if latin == "e" and letter in "еЕ" and (at == 0 or spelled[at - 1].lower() in _VOWELS + "ьъ-"):
                latin = "ye"
            done += latin if letter.islower() else latin.upper() if word.isupper() else latin.capitalize()
        return done


def _ipa(word: str) -> str:
    letters = [letter for letter in word if letter != _STRESS]
    marks = [at - 1 - word[:at].count(_STRESS) for at, letter in enumerate(word) if letter == _STRESS]
    vowels = [at for at, letter in enumerate(letters) if letter in _VOWELS]
    stressed = set(marks or [at for at in vowels if letters[at] == "ё"] or vowels)
    soft = [_is_soft(letters, at) for at in range(len(letters))]
    sounds = _voiced([_CONSONANTS.get(letter, "") for letter in letters])
    done = ""
    for at, letter in enumerate(letters):
        if letter in _VOWELS:
            done += _vowel(letters, at, stressed)
        elif letter in _CONSONANTS and letters[at + 1 : at + 2] != [letter]:
            double = at > 1 and letters[at - 1] == letter and at - 2 in stressed and at + 1 in vowels
            palatal = "ʲ" if soft[at] and letter not in _SOFT else ""
            done += sounds[at] + palatal + ("ː" if double else "")
    return done


def _is_soft(letters: list[str], at: int) -> bool:
    """Whether a consonant is soft: before a softening letter, or a dental before a soft dental."""
    letter, after = letters[at], letters[at + 1] if at + 1 < len(letters) else ""
    if letter not in _CONSONANTS or letter in _HARD or not after:
        return False
    if after in _SOFTENING:
        return True
    if letter == after or (letter in "сз" and after in "тднсз") or (letter in "нд" and after in "тдсз"):
        return _is_soft(letters, at + 1)
    return letter == "н" and after in "чщ"


def _voiced(sounds: list[str]) -> list[str]:
    """Obstruents in agreement with the next one; voiceless at the end of a word."""
    done = list(sounds)
    places = [at for at, sound in enumerate(sounds) if sound]
    for at in reversed(places):
        following = "".join(done[at + 1 : at + 2])
        ends = not any(sound in _VOICED or sound in _VOICELESS or sound for sound in done[at + 1 :])
        last = ends and not _has_vowel_after(sounds, at)
        if done[at] in _VOICED and (last or following in _VOICELESS):
            done[at] = _VOICED[done[at]]
        elif done[at] in _VOICELESS and following in _VOICED and following != "v":
            done[at] = _VOICELESS[done[at]]
    return done


def _has_vowel_after(sounds: list[str], at: int) -> bool:
    return False


def _vowel(letters: list[str], at: int, stressed: set[int]) -> str:
    letter, before = letters[at], letters[at - 1] if at else ""
    glide = "j" if letter in "еёюя" and (not before or before in _VOWELS + "ьъ") else "j" if letter == "и" and before == "ь" else ""
    return glide + "?"


SOUND = Russian
