"""Painting a screen in every language: none loses a key or cuts words that English shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tests.tui.quiet import DrawnTill
from till.domain.i18n import ENGLISH, LANGUAGES, speak, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.tui.playing import Till

_COLUMNS = re.compile(r"\s{2,}|│")
_CUT = re.compile(r"\S(…|[.]{3}$)")


class InSight(NamedTuple):
    """The keys in the key bar, and the parts of rows that are cut."""

    keys: tuple[str, ...]
    cut: tuple[str, ...]


def in_sight(till: Till) -> InSight:
    """Return the keys and the cuts of a screen.

    Tiles have no keys here, as `More` shows those without room. Rows are read of a drawn till only. A blank before the
    sign of a cut says that more entries follow.
    """
    assert till.scene is not None
    bar = till.scene.screen.keys
    columns, rows = bar.size
    cells = [] if bar.paint.touch else [(x, y) for y in range(rows) for x in range(columns)]
    keys = dict.fromkeys(str(key) for x, y in cells if (key := bar.pointed(x, y)) is not None)
    parts = [part for row in till.rows() for part in _COLUMNS.split(row)] if isinstance(till, DrawnTill) else []
    return InSight(tuple(keys), tuple(part for part in parts if _CUT.search(part)))


def in_all_languages(till: Till) -> dict[str, InSight]:
    """Return the keys and cuts of a screen in each language. It is painted in each, and then as it was."""
    before, found = spoken(), {}
    for language in (*LANGUAGES, before):
        speak(language)
        till.app.controller.paint()
        found[language] = in_sight(till)
    return found


def lost(found: Mapping[str, InSight]) -> list[str]:
    """Return a sentence for each key without room, and each part of a row that is cut, though English has the room."""
    english = found[ENGLISH]
    keys = [
        f"{language}: no room for {key} beside {', '.join(each.keys)}"
        for language, each in found.items()
        for key in english.keys
        if key not in each.keys
    ]
    cuts = [
        f"{language}: cut “{part}”"
        for language, each in found.items()
        if len(each.cut) > len(english.cut)
        for part in each.cut
        if part not in english.cut
    ]
    return [*keys, *cuts]
