"""Every report with a reader of its own, but those of leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.reports.losses import losses
from till.reports.shifts import x, z
from till.reports.stock import stock, stock_differences
from till.reports.table import table

if TYPE_CHECKING:
    from till.reports.reader import ReportReader

READERS: Final[tuple[ReportReader, ...]] = (z, x, table, losses, stock, stock_differences)
