"""The words of a guest, such as a note or an allergy: parts with commas between, none of them twice."""

from __future__ import annotations

from typing import Final

from till.domain.text import clean

#: The separator between the parts.
_BETWEEN: Final = ", "


def wishes(note: str) -> tuple[str, ...]:
    """Return the parts of a note."""
    return tuple(wish for wish in note.split(_BETWEEN) if wish)


def with_wish(note: str, wish: str) -> str:
    """Return a note with a part added, unless the note has it already."""
    kept = clean(wish).strip()
    known = wishes(note)
    return note if kept.casefold() in {one.casefold() for one in known} else _BETWEEN.join((*known, kept))


def without_wish(note: str, place: int) -> str:
    """Return a note without the part at an index."""
    known = wishes(note)
    return _BETWEEN.join((*known[:place], *known[place + 1 :]))


def with_wishes(note: str, more: str) -> str:
    """Return a note with those parts of another that it lacks; one alone stays as it is."""
    if not note:
        return more
    for wish in wishes(more):
        note = with_wish(note, wish)
    return note
