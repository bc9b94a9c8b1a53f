"""Mutants that are listed with a reason, in `listed.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.mutants.mutant import Mutant

FILE: Final = Path(__file__).with_name("listed.toml")


class Listed:
    """The reasons for mutants that no test finds.

    Attributes:
        reasons: by function, and by the text of its line before and after.

    Args:
        words: the text of the list.
    """

    def __init__(self, words: str) -> None:
        self.reasons: dict[tuple[str, str, str], str] = {
            (row["function"], row["was"], row["now"]): row["reason"] for row in tomllib.loads(words).get("listed", ())
        }

    def reason(self, mutant: Mutant) -> str | None:
        """Return the reason of a listed mutant; None for any other."""
        return self.reasons.get((f"{mutant.path}:{mutant.function}", mutant.was, mutant.now))


def read() -> Listed:
    """Read the list."""
    return Listed(FILE.read_text(encoding="utf-8"))
