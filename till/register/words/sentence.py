"""A sentence for `till say`, and what it is answered by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from till.domain.errors import LineError
from till.domain.i18n import _
from till.domain.order.deciding import row_of
from till.register.quick_entry.meaning import NO_LINES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from till.domain.catalogue.menu import Item, Menu
    from till.domain.money.formats import Formats
    from till.domain.money.measures import Price4
    from till.domain.order.line import Row
    from till.domain.order.state import Order
    from till.domain.order.terms import Terms
    from till.domain.staff.rights import PermissionRequest
    from till.register.quick_entry.lookup import Lookup


class Sentence(Struct, frozen=True):
    """A sentence and its context (`till.register.quick_entry.meaning.OrderFacts`).

    `is_again` is true if the sentence got a question before and is entered again; `names_till` if somebody named this
    till. `looked_up` is the answer of the server about the sentence, if it was asked.
    """

    typed: str
    is_again: bool
    names_till: bool
    looked_up: Any
    order: Order | None
    menu: Menu
    lookup: Lookup
    formats: Formats
    now: datetime
    terms: Terms
    allows: Callable[[PermissionRequest], bool]
    price_of: Callable[[Item], Price4 | None]

    @property
    def newest(self) -> Row | None:
        """The row of the newest line; None without one."""
        line = self.order.last_line if self.order is not None else None
        return row_of(self.order, line.id) if self.order is not None and line is not None else None

    @property
    def row(self) -> Row:
        """The row of the newest line: a sentence without a name is about this row.

        Raises:
            LineError: the order has no lines.
        """
        if (row := self.newest) is None:
            raise LineError(_(NO_LINES))
        return row
