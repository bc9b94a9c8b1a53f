"""Conversion between lines and their records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.domain.money.combos import Slot
from till.domain.money.measures import Millionths, Price4
from till.domain.money.promotion import Offer
from till.domain.money.tax import TypeRate
from till.domain.order.events import (
    ComboSlot,
    ItemAdded,
    LineCombo,
    LineModifier,
    LineRate,
    LineRated,
    LineTypeSet,
    MovedLine,
    PromotionTerms,
)
from till.domain.order.line import Line, Modifier
from till.domain.order.terms import taxes_from, taxes_in
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.events.registry import EventData
    from till.domain.money.amount import Currency
    from till.domain.order.terms import Terms


def line_from(data: ItemAdded | MovedLine, terms: Terms) -> Line:
    """Return the line that a record describes."""
    price4 = terms.currency.price4
    return Line(
        id=data.line_id,
        terms=terms,
        item_id=data.item_id,
        name=data.item_name,
        keyed=data.quantity,
        price4=price4(data.unit_price or data.price),
        measure=data.measure,
        unit=data.unit,
        sent=isinstance(data, MovedLine) and data.sent,
        taxes=taxes_from(data.taxes, terms.currency),
        modifiers=modifiers_from(data.modifiers, terms),
        asks=data.asks,
        seat=data.seat or None,
        course=data.course or None,
        offers=tuple(offer_of(raw, terms.currency) for raw in data.offers),
        deposit=data.deposit,
    )


def offer_of(raw: PromotionTerms, currency: Currency) -> Offer:
    """Return the offer that a record describes."""
    return Offer(
        raw.name,
        None if raw.percent is None else Millionths(currency.price4(raw.percent)),
        None if raw.amount is None else currency.minor(raw.amount),
        None if raw.price is None else currency.price4(raw.price),
        raw.buy,
        raw.get,
        raw.pieces,
        raw.items,
    )


def terms_of(offer: Offer, currency: Currency) -> PromotionTerms:
    """Return the record of an offer."""
    return PromotionTerms(
        name=offer.name,
        percent=None if offer.rate is None else currency.price_text(Price4(offer.rate)),
        amount=None if offer.amount is None else currency.text(offer.amount),
        price=None if offer.price is None else currency.price_text(offer.price),
        buy=offer.buy,
        get=offer.get,
        pieces=offer.pieces,
        items=offer.items,
    )


def modifiers_from(raw: Iterable[LineModifier], terms: Terms) -> tuple[Modifier, ...]:
    """Return the modifiers of a record."""
    return tuple(Modifier(one.name, terms.currency.price4(one.price), one.group) for one in raw)


def modifiers_recorded(modifiers: Iterable[Modifier], terms: Terms) -> tuple[LineModifier, ...]:
    """Return the record form of modifiers."""
    price_text = terms.currency.price_text
    return tuple(LineModifier(name=m.name, price=price_text(m.price4), group=m.group) for m in modifiers)


def rates_from(raw: Iterable[LineRate], terms: Terms) -> tuple[TypeRate, ...]:
    """Return the rates by order type of a record."""
    price4 = terms.currency.price4
    return tuple(
        TypeRate(
            one.order_type,
            taxes_from(one.taxes, terms.currency),
            None if one.price is None else price4(one.price),
        )
        for one in raw
    )


def rates_recorded(rates: Iterable[TypeRate], terms: Terms) -> tuple[LineRate, ...]:
    """Return the record form of rates by order type."""
    price_text = terms.currency.price_text
    return tuple(
        LineRate(
            order_type=one.order_type,
            taxes=taxes_in(one.taxes, terms.currency),
            price=None if one.price4 is None else price_text(one.price4),
        )
        for one in rates
    )


def combos_from(raw: Iterable[LineCombo], terms: Terms) -> tuple[Offer, ...]:
    """Return the combos of a record as offers."""
    price4 = terms.currency.price4
    return tuple(
        Offer(
            one.name,
            price=price4(one.price),
            slots=tuple(
                Slot(slot.name, slot.pieces, None if slot.extra is None else price4(slot.extra)) for slot in one.slots
            ),
        )
        for one in raw
    )


def combos_recorded(combos: Iterable[Offer], terms: Terms) -> tuple[LineCombo, ...]:
    """Return the record form of combos."""
    price_text = terms.currency.price_text
    return tuple(
        LineCombo(
            name=one.name,
            price=price_text(one.price or Price4(0)),
            slots=tuple(
                ComboSlot(
                    name=slot.name,
                    pieces=slot.pieces,
                    extra=None if slot.extra is None else price_text(slot.extra),
                )
                for slot in one.slots
            ),
        )
        for one in combos
    )


def keyed_records(line: Line, quantity: int) -> list[EventData]:
    """Return the events that key a line: as it was keyed, with its rates and its own type."""
    data: list[EventData] = [item_added_record(line, quantity)]
    combos = tuple(offer for offer in line.all_offers if offer.slots)
    if line.by_type or combos:
        rates = rates_recorded(line.by_type, line.terms)
        data.append(LineRated(line_id=line.id, by_type=rates, combos=combos_recorded(combos, line.terms)))
    if line.own_type:
        data.append(LineTypeSet(line_id=line.id, order_type=line.own_type))
    return data


def item_added_record(line: Line, quantity: int) -> ItemAdded:
    """Return the `item_added` record of a line."""
    return ItemAdded(**_fields(line, quantity))


def moved_line_record(line: Line) -> MovedLine:
    """Return the record that moves a line to another order: the line as keyed, and the pieces taken off since.

    Other changes of the line move as separate events.
    """
    return MovedLine(
        **_fields(replace(line, **line.as_keyed), line.keyed),
        till=line.keyed_by or 0,
        taken_off={one.event: one.pieces for one in line.taken if not one.cut},
        cut_off={one.event: one.pieces for one in line.taken if one.cut},
        sent=line.sent,
    )


def _fields(line: Line, quantity: int) -> dict[str, Any]:
    """Return the fields that both records of a line have."""
    currency = line.terms.currency
    weighed = line.measure is not None
    return {
        "line_id": line.id,
        "item_id": line.item_id,
        "item_name": line.name,
        "quantity": quantity,
        "price": currency.text(line.amount_of(1)) if weighed else currency.price_text(line.price4),
        "taxes": taxes_in(line.taxes, currency),
        "modifiers": modifiers_recorded(line.modifiers, line.terms),
        "asks": line.asks,
        "seat": line.seat,
        "course": line.course,
        "measure": line.measure,
        "unit": line.unit,
        "unit_price": currency.price_text(line.price4) if weighed else None,
        "offers": tuple(terms_of(offer, currency) for offer in line.offers if not offer.slots),
        "deposit": line.deposit,
    }
