"""Every word of the counter, found by the files of this folder: the sell screen and `till say` carry them out."""

from __future__ import annotations

import importlib
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final

from till.register import words
from till.register.words.word import Word

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from till.domain.money.formats import Formats
    from till.ports import Store
    from till.register.register import Register
    from till.register.words.sentence import Sentence

_FILES: Final = [
    importlib.import_module(f"{words.__name__}.{file.name}")
    for file in iter_modules(words.__path__)
    if file.name not in {"every", "word"}
]


def _declared(name: str) -> dict[Any, Any]:
    """Return the rows of a table of this name of every file."""
    return {key: row for file in _FILES for key, row in getattr(file, name, {}).items()}


#: The answers of `till say` to what the screen asks about, by intent or command, and its questions to the server.
ANSWERS: Final[Mapping[type[Any] | str, Callable[[Register, Any, Sentence], str]]] = _declared("ANSWERS")
LOOKS_UP: Final[Mapping[type[Any], Callable[[Store | None, Any, Formats], Awaitable[object]]]] = _declared("LOOKS_UP")

WORDS: Final[Mapping[str, Word[Any, ..., Any]]] = {
    one.name: one for file in _FILES for one in vars(file).values() if isinstance(one, Word)
}
