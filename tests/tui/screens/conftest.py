"""A look at each state of a screen that a test reaches, in every language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.languages import in_all_languages, lost
from tests.tui.playing import Till
from tests.tui.quiet import DrawnTill
from till.domain.i18n import ENGLISH, LANGUAGES, speak, spoken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

#: A narrow terminal; phones have tiles.
_NARROW = (80, 24)


@pytest.fixture(autouse=True)
def no_language_loses_what_english_shows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse a key without room, or a cut, where English shows it, on any narrow screen that tests reach."""
    for kind in (Till, DrawnTill):
        settle = kind.settle

        async def look(till: Till, settle: Callable[[Till], Awaitable[None]] = settle) -> None:
            await settle(till)
            if till.scene is None or till.app._exit or spoken() not in LANGUAGES:
                return
            bar = till.scene.screen.keys
            if bar.is_attached and (bar.paint.touch or till.app.size == _NARROW):
                assert lost(in_all_languages(till)) == []

        monkeypatch.setattr(kind, "settle", look)
    yield
    speak(ENGLISH)
