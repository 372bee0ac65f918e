"""How the words of the mini world sound (IPA) and how they are written in Latin letters."""

from functools import cache
from importlib import import_module

from xlt_core.mini.sound.base import Sound


@cache
def sound_of(language: str) -> Sound:
    """How a language of the mini world sounds."""
    sound: Sound = import_module(f"xlt_core.mini.sound.{language}").SOUND()
    return sound
