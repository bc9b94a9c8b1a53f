"""Outcomes of the acts of the reports: small frozen values for the reducer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.reports.orders import OrderBehind, OrderParts
    from till.reports.report import Found
    from till.tui.drawing.viewmodels import StyledText


class Read(Struct, frozen=True):
    """The report arrived."""

    ticket: int
    found: Found


class OrdersRead(Struct, frozen=True):
    """The orders behind the marked row arrived."""

    ticket: int
    orders: tuple[OrderBehind, ...]


class PartsRead(Struct, frozen=True):
    """The lines and payments of the marked order arrived."""

    ticket: int
    parts: OrderParts


class Saved(Struct, frozen=True):
    """The report was written to a file, or refused."""

    message: StyledText


class NotRead(Struct, frozen=True):
    """A request was refused, or nobody answered."""

    ticket: int
    sentence: str


ReportOutcome = Read | OrdersRead | PartsRead | Saved | NotRead
