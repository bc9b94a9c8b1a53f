"""List of the venue's payments and refunds without an answer, for the desk and `till recover`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.domain.events.envelope import read_time
from till.domain.payment.unanswered import MovementKind, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta


def read_unanswered(ask: Callable[[str, Any], Any], grace: timedelta) -> list[Unanswered]:
    """Read payments, returns and refunds without an answer, oldest first.

    Args:
        ask: calls a function of schema `till` for the store.
        grace: the time that an answer may take before it counts as missing.
    """
    rows = ask("unanswered_v1", int(grace.total_seconds()))
    return [Unanswered(**{**row, "asked": MovementKind(row["asked"]), "at": read_time(row["at"])}) for row in rows]
