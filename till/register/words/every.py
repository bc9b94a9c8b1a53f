"""Every word of the counter, found by the files of this folder: the sell screen and `till say` carry them out."""

from __future__ import annotations

import importlib
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final

from till.register import words
from till.register.words.word import Word

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILES: Final = [
    importlib.import_module(f"{words.__name__}.{file.name}")
    for file in iter_modules(words.__path__)
    if file.name not in {"every", "word"}
]

WORDS: Final[Mapping[str, Word[Any, ..., Any]]] = {
    one.name: one for file in _FILES for one in vars(file).values() if isinstance(one, Word)
}
