"""Tills that sell at the usual price and tax what differs by order type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.administration.first_types import has_types
from till.administration.waiting import Wait, Waiting
from till.domain.i18n import N_, _
from till.reports.tills import without_types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.administration.waiting import Look


def _find(look: Look) -> Iterator[Waiting]:
    tills = without_types(look.ask, look.now)
    if tills and has_types(look.ask("menu_export_v1") or {}):  # the desk asks for the menu only beside such a till
        for number, till in tills.items():
            sentence = _("{till} sells every order type at the usual price and tax").format(till=till)
            remedy = _("Its program is too old: update it.")
            yield Waiting(sentence, remedy, remedy, number)


TYPES: Final = Wait(_find, N_("order types"))
