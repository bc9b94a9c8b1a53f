"""A made-up language, `qps`: English with an accent on each letter, and half as long again.

A word of English on a screen that speaks it was not translated; a sentence of it that is cut will be cut in Spanish.
It is made from the counter's sentences, and is in no package.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

import pytest

from till.domain import i18n
from till.domain.i18n import CONTEXT, ENGLISH, Translations, speak

if TYPE_CHECKING:
    from collections.abc import Iterator

QPS: Final = "qps"
_LETTERS: Final = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "áƀçđéƒĝĥíĵķļḿñóṕɋřšťúṽŵẋýžÁɃÇĐÉƑĜĤÍĴĶĻḾÑÓṔɊŘŠŤÚṼŴẊÝŽ"
)
#: A placeholder, and words in quotes and commands, which are typed as they are.
_KEPT: Final = re.compile("({[^{}]*}|“[^”]+”|`[^`]+`)")
_WORD: Final = re.compile("[A-Za-z]+")


def made_up(sentence: str) -> str:
    """Return a sentence in `qps`."""
    parts = _KEPT.split(sentence)
    letters = 0

    def longer(word: re.Match[str]) -> str:
        nonlocal letters
        before, letters = letters, letters + len(word[0])
        more = letters // 2 - before // 2
        # A letter in the middle, so that a capital stays one and a cut takes the end.
        middle = len(word[0]) // 2
        return (word[0][:middle] + word[0][middle].lower() * more + word[0][middle:]).translate(_LETTERS)

    return "".join(part if n % 2 else _WORD.sub(longer, part) for n, part in enumerate(parts))


@cache
def _table() -> Translations:
    from tools.messages import counter  # noqa: PLC0415 - Babel, which few tests need

    found = [(str(each.context or ""), each.id) for each in counter()]
    whole = {(context, ids) for context, ids in found if isinstance(ids, str)}
    sentences = {(context + CONTEXT if context else "") + each: made_up(each) for context, each in whole}
    plurals = {ids[0]: (made_up(ids[0]), made_up(ids[1])) for _, ids in found if not isinstance(ids, str)}
    return Translations(QPS, sentences, plurals)


@pytest.fixture
def qps(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let the till know `qps`, and yield its code. English is spoken before and after: `speak(qps)` changes it."""
    monkeypatch.setitem(i18n._LOADED, QPS, _table())
    speak(ENGLISH)
    yield QPS
    speak(ENGLISH)
