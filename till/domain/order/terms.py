"""The terms of an order's prices: taxes, service charge, and rounding of payments."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.money.amount import Currency
from till.domain.money.basket import Rules, ServiceCharge
from till.domain.money.measures import NOTHING, Millionths
from till.domain.money.rounding import HALF_UP, Direction
from till.domain.money.settling import PaidRounding
from till.domain.money.tax import Tax, levy, levy_price4, millionths, percent_of
from till.domain.order.events import ChargeTerms, OrderOpened, RoundingTerms, TaxRate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class ChargeRule(Struct, frozen=True):
    """A service charge on the price of the lines, with taxes of its own.

    Attributes:
        order_types: the order types to charge; empty for all.
        except_deposits: True if deposits bear no charge; False only in orders opened by an earlier version.
    """

    rate: Millionths
    taxes: tuple[Tax, ...] = ()
    order_types: tuple[str, ...] = ()
    except_deposits: bool = False


class Terms(Struct, frozen=True):
    """The terms of an order's prices, fixed when the order is opened. Later settings do not change an open order.

    Attributes:
        included: True if taxes are in the price by default.
        by_order: True if a tax is rounded once for the order; False if it is rounded for each line.
        direction: the direction of tax rounding.
        of_sum: True if the sum of the rates is rounded; False if each tax is.
        rounding: the rounding of payments; None if they are exact to the minor unit.
        charge: the service charge; None if there is none.
    """

    currency: Currency
    included: bool
    by_order: bool = False
    direction: Direction = HALF_UP
    of_sum: bool = False
    rounding: PaidRounding | None = None
    charge: ChargeRule | None = None

    @property
    def rules(self) -> Rules:
        """The tax rules of its lines."""
        return Rules(self.included, self.by_order, self.direction, self.of_sum)

    def charge_on(self, order_type: str) -> ServiceCharge | None:
        """Return the service charge on orders of a type; None if there is none."""
        own = self.charge
        if own is None or (own.order_types and order_type not in own.order_types):
            return None
        return ServiceCharge(own.rate, own.taxes, own.except_deposits)


def terms_from(data: OrderOpened) -> Terms:
    """Return the terms that a record describes."""
    currency = Currency(data.currency)
    return Terms(
        currency,
        included=data.prices_include_tax,
        by_order=data.tax_rounding == "order",
        direction=Direction(data.tax_rounding_direction),
        of_sum=data.tax_rounding_of == "sum_of_rates",
        rounding=None if data.rounding is None else rounding_from(data.rounding, currency),
        charge=None if data.service_charge is None else _charge_from(data.service_charge, currency),
    )


def rounding_from(data: RoundingTerms, currency: Currency) -> PaidRounding | None:
    """Return the rounding rule of a record or a setting; None if its step is zero."""
    step = currency.minor(data.step)
    if not step:
        return None
    return PaidRounding(
        step,
        Direction(data.direction),
        NOTHING if data.nothing_up_to is None else currency.minor(data.nothing_up_to),
        data.of == "bill",
        frozenset(tender.casefold() for tender in data.never),
    )


def _charge_from(data: ChargeTerms, currency: Currency) -> ChargeRule:
    return ChargeRule(
        millionths(data.percent), taxes_from(data.taxes, currency), data.order_types, data.except_deposits
    )


def terms_in(terms: Terms) -> dict[str, Any]:
    """Return the fields of the record that opens an order under these terms."""
    return {
        "currency": terms.currency.code,
        "prices_include_tax": terms.included,
        "tax_rounding": "order" if terms.by_order else "line",
        "tax_rounding_direction": terms.direction.value,
        "tax_rounding_of": "sum_of_rates" if terms.of_sum else "each",
        "rounding": None if terms.rounding is None else _rounding_in(terms.rounding, terms.currency),
        "service_charge": None if terms.charge is None else _charge_in(terms.charge, terms.currency),
    }


def _rounding_in(rounding: PaidRounding, currency: Currency) -> RoundingTerms:
    floor = rounding.nothing_up_to
    return RoundingTerms(
        step=currency.text(rounding.step),
        direction=rounding.direction.value,  # type: ignore[arg-type]  # never "up": no law and no setting rounds payments up
        nothing_up_to=currency.text(floor) if floor else None,
        of="bill" if rounding.bill else "cash",
        never=tuple(sorted(rounding.never)),
    )


def _charge_in(charge: ChargeRule, currency: Currency) -> ChargeTerms:
    return ChargeTerms(
        percent=percent_of(charge.rate),
        taxes=taxes_in(charge.taxes, currency),
        order_types=charge.order_types,
        except_deposits=charge.except_deposits,
    )


def taxes_from(taxes: Iterable[TaxRate], currency: Currency) -> tuple[Tax, ...]:
    """Return the taxes that a record describes."""
    return tuple(
        Tax(
            raw.name,
            Millionths(0) if raw.rate is None else millionths(raw.rate),
            None if raw.per_piece is None else levy(currency.price4(raw.per_piece), currency),
            raw.included,
            raw.affects_later,
            raw.affected_by_earlier,
        )
        for raw in taxes
    )


def taxes_in(taxes: tuple[Tax, ...], currency: Currency) -> tuple[TaxRate, ...]:
    """Return the record form of taxes."""
    return _taxes_in(taxes, currency)


@lru_cache(maxsize=1024)  # most lines of an order have the same taxes
def _taxes_in(taxes: tuple[Tax, ...], currency: Currency) -> tuple[TaxRate, ...]:
    return tuple(
        TaxRate(
            name=tax.name,
            rate=tax.percent if tax.per_piece is None else None,
            per_piece=levy_text(tax, currency),
            included=tax.included,
            affects_later=tax.affects_later,
            affected_by_earlier=tax.affected_by_earlier,
        )
        for tax in taxes
    )


def levy_text(tax: Tax, currency: Currency) -> str | None:
    """Return the amount per piece of a tax, in the form of records; None for a tax with a rate."""
    return None if tax.per_piece is None else currency.price_text(levy_price4(tax.per_piece, currency))
