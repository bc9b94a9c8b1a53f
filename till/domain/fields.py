"""Fields of a record, read strictly: what is wrong in an event must show there, not later where its order is priced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import EventError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Beyond any quantity, measure or number that a till makes.
LARGEST: Final = 10**9


def words(data: Mapping[str, Any], name: str) -> str:
    """A text.

    Raises:
        KeyError: there is none.
        EventError: it is something else.
    """
    value = data[name]
    if not isinstance(value, str):
        raise EventError(_("{name} is no text").format(name=name))
    return value


def whole(data: Mapping[str, Any], name: str) -> int:
    """A whole number.

    Raises:
        KeyError: there is none.
        EventError: it is something else, or beyond reason.
    """
    value = data[name]
    if type(value) is not int or abs(value) > LARGEST:
        raise EventError(_("{name} is no whole number").format(name=name))
    return value


def perhaps_words(data: Mapping[str, Any], name: str) -> str | None:
    """A text, or None when there is none."""
    return None if data.get(name) is None else words(data, name)


def perhaps_whole(data: Mapping[str, Any], name: str) -> int | None:
    """A whole number, or None when there is none."""
    return None if data.get(name) is None else whole(data, name)
