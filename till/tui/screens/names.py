"""What order types are called on screen."""

from __future__ import annotations

from till.domain.i18n import _


def order_type_name(order_type: str) -> str:
    """What an order type is called on screen."""
    return {"take_away": _("take away"), "dine_in": _("eat in")}.get(order_type, order_type.replace("_", " "))
