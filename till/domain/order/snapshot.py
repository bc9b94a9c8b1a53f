"""The snapshot of an open order. The database lists it without folding events (docs/protocol.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.domain.events.envelope import STEP, time_text
from till.domain.order.line import shown_row
from till.domain.payment.movement import PaymentState

if TYPE_CHECKING:
    from till.domain.order.line import Line
    from till.domain.order.state import Order, Payment

_INTENT = {
    PaymentState.STARTED: "processing",
    PaymentState.UNKNOWN: "processing",
    PaymentState.AUTHORISED: "processing",
    PaymentState.APPROVED: "completed",
    PaymentState.DECLINED: "failed",
    PaymentState.VOIDED: "failed",
}


def snapshot(order: Order, base_version: int) -> dict[str, Any]:
    """Return the snapshot of an order, based on the last version known to this till."""
    item_id, item_name = order.last_item or (None, None)
    return {
        "session": order.id,
        "user": order.user,
        "status": str(order.status),
        "hold_id": order.hold,
        "base_version": base_version,
        "currency": order.terms.currency.code,
        "total": order.terms.currency.text(order.total),
        "order_type": order.order_type,
        "tab_id": order.tab.id if order.tab else None,
        "created_at": time_text(order.created_at),
        "updated_at": time_text(order.updated_at),
        "logout_time": time_text(order.logout_time) if order.logout_time else None,
        "items": [*(row.shown for row in order.priced.rows), *(_void(line) for line in order.priced.voids)],
        "cart": _cart(order),
        "state": {
            "current_step": order.step,
            "last_mentioned_item_id": item_id,
            "last_mentioned_item_name": item_name,
            "last_shown_menu": [
                {"id": item.id, "name": item.name, "position": item.position} for item in order.last_menu
            ],
        },
        "preferences": {**order.preferences, **({"note": order.note} if order.note else {})},
        "checkout": _checkout(order),
        "intent": _intent(order),
    }


def items_for_lists(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the items of a snapshot for session lists, without voided items and ids."""
    names = ("item", "quantity", "unit_price", "amount")
    return [{name: item[name] for name in names} for item in shown["items"] if not item["voided"]]


def _void(line: Line) -> dict[str, Any]:
    """Return the item of a voided line."""
    quantity = line.shown_quantity
    return shown_row(line, (line.id,), quantity, line.amount_of(quantity), voided=True)


def _cart(order: Order) -> list[dict[str, Any]]:
    """Return one entry for each item, for `session_cart`. Times increase, even if a clock ran backwards."""
    entries: dict[str, list[Any]] = {}
    newest = order.created_at
    for row in order.priced.rows:
        if row.first.item_id not in entries:
            newest = max(row.first.keyed_at or newest, newest + STEP)
            entries[row.first.item_id] = [row.first.name, 0, 0, newest]
        entry = entries[row.first.item_id]
        entry[1] += row.quantity
        entry[2] += row.amount
    text = order.terms.currency.text
    return [
        {"item_id": item_id, "item_name": name, "quantity": quantity, "amount": text(amount), "added_at": time_text(at)}
        for item_id, (name, quantity, amount, at) in entries.items()
    ]


def _first_payment(order: Order) -> Payment | None:
    """Return the first payment that was not refunded."""
    return next((payment for payment in order.payments.values() if payment.state is not PaymentState.VOIDED), None)


def _checkout(order: Order) -> dict[str, Any] | None:
    """Return the checkout; None before the guest asks to pay."""
    payment = _first_payment(order)
    started_at = order.checkout_at or (payment.at if payment else None)
    if started_at is None:
        return None
    return {
        "order_type": order.order_type,
        "payment_method": payment.tender.lower() if payment else None,
        "started_at": time_text(started_at),
        "special_instructions": order.note or None,
    }


def _intent(order: Order) -> dict[str, Any] | None:
    """Return the newest payment, or the amount due if the guest has asked to pay and has not paid yet."""
    text = order.terms.currency.text
    payments = tuple(order.payments.values())
    if payments:
        newest = payments[-1]
        return {
            "gateway": newest.tender,
            "external_id": newest.id,
            "amount": text(newest.amount),
            "status": _INTENT[newest.state],
        }
    if order.checkout_at is None:
        return None
    return {"gateway": None, "external_id": None, "amount": text(order.due), "status": "created"}
