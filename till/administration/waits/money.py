"""Tills that should take no money, or money again, and have not answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.administration.waiting import Wait, Waiting
from till.domain.i18n import N_, _
from till.reports.tills import money_text, read_tills

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.administration.waiting import Look


def _find(look: Look) -> Iterator[Waiting]:
    remedy = _("Until then it takes money, and all of it counts.")
    for row in read_tills(look.ask):
        if sentence := money_text(row, look.venue.till_name(row["till"])):
            # a phone's till that was never opened took nothing
            advice = _("Until then it takes money, which counts.") if row["seen_at"] is not None else None
            yield Waiting(sentence, remedy, advice, row["till"])


MONEY: Final = Wait(_find, N_("money"))
