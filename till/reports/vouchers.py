"""Lists of the vouchers and house accounts of a venue, for administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, exists, func, or_, select

from db.tables.cold import customer_table, orders
from db.tables.till import accounts, value_movements, vouchers
from till.reports.rows import plain_rows

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy import ColumnElement, Connection, ScalarSelect

#: The states of movements that change a balance; the others had no effect.
_COUNTS = ("reserved", "spent", "refunded", "paid_off")


def _moved(holder: object) -> ScalarSelect[Decimal]:
    return (
        select(func.coalesce(func.sum(value_movements.c.amount), 0))
        .where(value_movements.c.holder_id == holder, value_movements.c.state.in_(_COUNTS))
        .scalar_subquery()
    )


def _is_unpaid(voucher: ColumnElement[Any]) -> ColumnElement[bool]:
    of = value_movements.c
    return exists().where(
        of.movement_id == voucher, of.holder_id == voucher, of.session_id.is_(None), of.state == "reserved"
    )


def read_vouchers(selects: Connection, store_id: str, wanted: str = "") -> list[dict[str, Any]]:
    """Return the vouchers of a store, newest first; with `wanted`, only those with this id or end of the code."""
    of = vouchers.c
    left = (of.amount - _moved(of.voucher_id)).label("left")
    query = (
        select(
            *(of.voucher_id.label("voucher"), of.hint, of.amount, left, of.currency),
            *(of.expires, of.issued_at, of.issued_by, of.voided_at, _is_unpaid(of.voucher_id).label("unpaid")),
        )
        .where(of.store_id == store_id)
        .order_by(of.issued_at.desc(), of.voucher_id)
    )
    return [row for row in plain_rows(selects, query) if wanted in {"", row["voucher"], row["hint"]}]


def read_accounts(selects: Connection, store_id: str) -> list[dict[str, Any]]:
    """Return the house accounts of a store, sorted by the guest's name."""
    of, guest = accounts.c, customer_table.c
    query = (
        select(
            *(of.customer_id.label("customer"), guest.name, guest.phone, of.credit_limit.label("limit")),
            *(_moved(of.customer_id).label("owed"), of.currency, of.opened_at, of.closed_at, guest.erased_at),
        )
        .join(customer_table, guest.customer_id == of.customer_id)
        .where(of.store_id == store_id)
        .order_by(func.lower(guest.name), of.customer_id)
    )
    return plain_rows(selects, query)


def read_movements(selects: Connection, store_id: str, holder: str) -> list[dict[str, Any]]:
    """Return the movements of a voucher or an account in order of time, without those that had no effect.

    The amount of a payment is positive, of a credit negative; `how` is the tender of a pay-off, and `pay_off` its id,
    also where it is reversed (`corrected`).
    """
    of = value_movements.c
    is_off, pay_off = of.state == "paid_off", func.coalesce(of.payment_id, of.movement_id)
    what = case((is_off & of.payment_id.is_not(None), "corrected"), else_=of.state)
    receipt = select(func.max(orders.c.receipt)).where(orders.c.session_id == of.session_id).scalar_subquery()
    query = (
        select(
            *(of.movement_id.label("id"), of.moved_at.label("at"), what.label("what"), of.amount),
            *(receipt.label("receipt"), of.session_id.label("session"), of.till_id.label("till")),
            *(of.user_id.label("user"), of.how, case((is_off, pay_off)).label("pay_off")),
        )
        .where(
            *(of.store_id == store_id, of.holder_id == holder),
            or_(of.movement_id != holder, of.session_id.is_not(None)),
            of.state.in_(_COUNTS),
        )
        .order_by(of.moved_at, of.movement_id)
    )
    return plain_rows(selects, query)
