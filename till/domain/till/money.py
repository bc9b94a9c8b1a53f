"""Tills that take no money: what they may not write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import TillError
from till.domain.i18n import N_, _

if TYPE_CHECKING:
    from till.domain.events.registry import EventData


class NoMoneyError(TillError):
    """An act that moves money, at a till that takes none."""

    code = "no_money"
    default = N_("This till takes no money.")


def moves_money(data: EventData) -> bool:
    """Return True for what a till without money may not write, as `warm.moves_money` in SQL."""
    return data.about_money or data.by_counter


def refuse_money(till: int, *, is_order: bool = True) -> NoMoneyError:
    """Return the refusal of a till that takes no money: where to pay, or where to do what is not about an order."""
    sentence = _("Till {n} takes no money. Save it (F8) and pay at the counter.")
    if not is_order:
        sentence = _("Till {n} takes no money: it is done at the counter.")
    return NoMoneyError(sentence.format(n=till))
