"""The rule about what an order was told of another one breaks when that is stale: seeds come by it seldom."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.simulation.invariants import what_is_told_of_another_order_is_true
from tests.simulation.violation import ViolationError
from till.domain.order.state import Elsewhere


def check(other_stands: str, *told: Elsewhere) -> None:
    """The rule over one tab that went on in two orders, of which the first is open and was told of the other."""
    recalls = [
        SimpleNamespace(type="lines_moved", data={"to_session": order, "line_ids": []}) for order in ("here", "there")
    ]
    here = SimpleNamespace(is_open=True, shared={one.subject: one for one in told})
    rows = {"tab": "assigned_to_tab", "here": "active", "there": other_stands}
    log: Any = SimpleNamespace(
        orders={"here": here},
        sessions={"tab": recalls},
        rows={session: SimpleNamespace(status=status) for session, status in rows.items()},
    )
    what_is_told_of_another_order_is_true(cast("Any", None), log)


OPEN = Elsewhere("tab", 2, 2, paid=False)
PAID = Elsewhere("tab", 2, 2, paid=True)
ON_TAB = Elsewhere("tab", 2, 2, paid=False, on_tab=True)
NONE = Elsewhere("tab", None, 0, paid=False)


@pytest.mark.parametrize(
    ("stands", "told"), [("active", OPEN), ("completed", PAID), ("assigned_to_tab", ON_TAB), ("discarded", NONE)]
)
def test_what_is_so_holds(stands: str, told: Elsewhere) -> None:
    check(stands, told)


@pytest.mark.parametrize(
    ("stands", "told"),
    [("completed", OPEN), ("discarded", OPEN), ("assigned_to_tab", OPEN), ("active", NONE), ("active", PAID)],
)
def test_what_is_so_no_more_breaks_the_rule(stands: str, told: Elsewhere) -> None:
    with pytest.raises(ViolationError, match="is true"):
        check(stands, told)
