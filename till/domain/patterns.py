"""Regular expressions that are compiled at their first use: most are for what is typed after the first screen."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, cast


class _Late:
    """A pattern that is compiled when it is first used."""

    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._text, self._flags)

    def __getattr__(self, name: str) -> Any:
        # kept: an attribute of the pattern is looked up here once
        self.__dict__[name] = found = getattr(self._compiled, name)
        return found


def late(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern to use by its methods: `PATTERN.match(text)`."""
    return cast("re.Pattern[str]", _Late(text, flags))
