from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.css.stylesheet import Stylesheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.css.model import RuleSet


@pytest.fixture(autouse=True)
def a_terminal_of_no_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the shell around the tests says of colour must not reach the screens in them."""
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_FILTERS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True, scope="session")
def sheets_parsed_once() -> Iterator[None]:
    """Textual reads the same style sheets for each app, twice; with the same colours the rules are the same."""
    read = Stylesheet._parse_rules
    known: dict[object, list[RuleSet]] = {}

    def once(self: Stylesheet, *told: Any, **named: Any) -> list[RuleSet]:
        of = (told, tuple(named.items()), tuple(self._variables.items()))
        if of not in known:
            known[of] = read(self, *told, **named)
        return known[of]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", once)
        yield
