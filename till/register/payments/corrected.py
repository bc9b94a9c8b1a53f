"""Corrections of tenders, as the drawer of the till that took the payment hears of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from till.domain.money.amount import Currency

if TYPE_CHECKING:
    from till.domain.events.envelope import Event
    from till.domain.money.measures import Minor
    from till.domain.order.state import Order
    from till.domain.payment.events import TenderCorrected
    from till.ports import Journal

#: The name of this list in the reference data.
DRAWER: Final = "drawer"


class Corrected(msgspec.Struct, frozen=True):
    """A payment in this drawer that another till corrected: it counts as `tender` instead of `was`.

    `id` is the id of the correction's event.
    """

    id: str
    payment: str
    session: str
    receipt: str
    was: str
    tender: str
    amount: str
    currency: str
    till: int

    @property
    def minor(self) -> Minor:
        """The amount in minor units."""
        return Currency(self.currency).minor(self.amount)


def corrected_of(event: Event, data: TenderCorrected, order: Order) -> Corrected:
    """Return the correction that an event of an order made."""
    sale = order.placing_with(data.payment_id)
    return Corrected(
        event.id,
        data.payment_id,
        order.id,
        sale.data.receipt if sale is not None else "",
        data.was,
        data.tender,
        data.amount,
        order.terms.currency.code,
        event.till,
    )


class _ListedCorrections(msgspec.Struct, frozen=True):
    corrected: tuple[Corrected, ...]


def corrected_elsewhere(journal: Journal) -> tuple[Corrected, ...]:
    """Return the corrections that the database last listed."""
    cached = journal.cached(DRAWER)
    return msgspec.convert(cached[1], _ListedCorrections).corrected if cached is not None and cached[1] else ()
