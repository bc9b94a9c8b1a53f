"""What order types and roles are called on screen."""

from __future__ import annotations

from till.domain.i18n import _
from till.domain.staff.person import Role


def order_type_name(order_type: str) -> str:
    """What an order type is called on screen."""
    return {"take_away": _("take away"), "dine_in": _("eat in")}.get(order_type, order_type.replace("_", " "))


def role_name(role: Role) -> str:
    """What people are here."""
    return {Role.CASHIER: _("cashier"), Role.MANAGER: _("manager"), Role.ADMIN: _("admin")}[role]
