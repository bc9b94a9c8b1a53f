"""Lists of the vouchers and house accounts of a venue, for administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from sqlalchemy import func, select

from db.tables.cold import customer_table, orders
from db.tables.till import accounts, value_movements, vouchers
from till.domain.events.envelope import time_text

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy import Connection, ScalarSelect

#: The states of movements that change a balance; the others had no effect.
_COUNTS = ("reserved", "spent", "refunded", "paid_off")


class MovementRow(TypedDict):
    """A movement: its amount is positive for a payment and negative for a credit. `how` is the tender of a pay-off."""

    id: str
    at: str
    what: str
    amount: str
    receipt: str | None
    session: str | None
    till: int
    user: int | None
    how: str | None


class VoucherRow(TypedDict):
    """A voucher. `movements` is present only in a single voucher; `voided_at` is None if the voucher is valid."""

    voucher: str
    hint: str
    amount: str
    left: str
    currency: str
    expires: str | None
    issued_at: str
    issued_by: int | None
    voided_at: str | None
    movements: NotRequired[list[MovementRow]]


class AccountRow(TypedDict):
    """A house account. `movements` is present only in a single account; `closed_at` is None if the account is open.

    `erased_at` is None unless its guest was erased.
    """

    customer: str
    name: str
    phone: str
    limit: str
    owed: str
    currency: str
    opened_at: str
    closed_at: str | None
    erased_at: str | None
    movements: NotRequired[list[MovementRow]]


def _moved(holder: object) -> ScalarSelect[Decimal]:
    return (
        select(func.coalesce(func.sum(value_movements.c.amount), 0))
        .where(value_movements.c.holder_id == holder, value_movements.c.state.in_(_COUNTS))
        .scalar_subquery()
    )


def read_vouchers(selects: Connection, store_id: str, wanted: str = "") -> list[VoucherRow]:
    """Return the vouchers of a store, newest first; with `wanted`, only those with this id or end of the code."""
    query = select(vouchers, _moved(vouchers.c.voucher_id).label("moved")).where(vouchers.c.store_id == store_id)
    rows = selects.execute(query.order_by(vouchers.c.issued_at.desc(), vouchers.c.voucher_id)).mappings()
    return [
        {
            "voucher": str(row["voucher_id"]),
            "hint": row["hint"],
            "amount": str(row["amount"]),
            "left": str(row["amount"] - row["moved"]),
            "currency": row["currency"],
            "expires": row["expires"].isoformat() if row["expires"] else None,
            "issued_at": time_text(row["issued_at"]),
            "issued_by": row["issued_by"],
            "voided_at": time_text(row["voided_at"]) if row["voided_at"] else None,
        }
        for row in rows
        if wanted in {"", str(row["voucher_id"]), row["hint"]}
    ]


def read_accounts(selects: Connection, store_id: str) -> list[AccountRow]:
    """Return the house accounts of a store, sorted by the guest's name."""
    query = (
        select(
            accounts,
            customer_table.c.name,
            customer_table.c.phone,
            customer_table.c.erased_at,
            _moved(accounts.c.customer_id).label("moved"),
        )
        .join(customer_table, customer_table.c.customer_id == accounts.c.customer_id)
        .where(accounts.c.store_id == store_id)
        .order_by(func.lower(customer_table.c.name), accounts.c.customer_id)
    )
    return [
        {
            "customer": str(row["customer_id"]),
            "name": row["name"],
            "phone": row["phone"],
            "limit": str(row["credit_limit"]),
            "owed": str(row["moved"]),
            "currency": row["currency"],
            "opened_at": time_text(row["opened_at"]),
            "closed_at": time_text(row["closed_at"]) if row["closed_at"] else None,
            "erased_at": time_text(row["erased_at"]) if row["erased_at"] else None,
        }
        for row in selects.execute(query).mappings()
    ]


def read_movements(selects: Connection, store_id: str, holder: str) -> list[MovementRow]:
    """Return the movements of a voucher or an account in order of time, without those that had no effect."""
    sale_id = func.coalesce(value_movements.c.payment_id, value_movements.c.movement_id)
    receipt = (
        select(func.max(orders.c.receipt)).where(orders.c.session_id == value_movements.c.session_id).scalar_subquery()
    )
    query = (
        select(value_movements, receipt.label("receipt"), sale_id.label("sale"))
        .where(
            value_movements.c.store_id == store_id,
            value_movements.c.holder_id == holder,
            value_movements.c.state.in_(_COUNTS),
        )
        .order_by(value_movements.c.moved_at, value_movements.c.movement_id)
    )
    return [
        {
            "id": str(row["movement_id"]),
            "at": time_text(row["moved_at"]),
            "what": row["state"],
            "amount": str(row["amount"]),
            "receipt": row["receipt"],
            "session": row["session_id"],
            "till": row["till_id"],
            "user": row["user_id"],
            "how": row["how"],
        }
        for row in selects.execute(query).mappings()
    ]
