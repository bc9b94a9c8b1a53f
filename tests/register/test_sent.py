"""Lines saved on a tab: taken off by a user with the right, or with a manager's approval of just these lines."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.register.approving import approved
from tests.register.exchange import recall
from till.domain.errors import RightsError
from till.domain.order.events import LineVoided, OrderDiscarded
from till.domain.order.sent import removed_by
from till.domain.staff.rights import Permission
from till.domain.till.events import ApprovalGiven

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.register.conftest import Till
    from till.domain.staff.rights import Approval


def _yes(till: Till, act: Callable[[], object]) -> Approval:
    asked = till.register.approvals.lacking(act)
    assert asked is not None
    return till.register.approvals.give(till.register.access.find(9), asked)


def test_a_manager_says_yes_to_what_goes_after_it_was_sent(till: Till) -> None:
    session, sales = till.add(None, 1, 3).id, till.register.sales
    till.add(session, 3)
    till.register.tabs.save(session, "window")
    order = recall(till, session)
    new = till.add(session, 2)
    first, second = order.lines
    last = next(line for line in new.lines if line not in order.lines)
    assert till.register.approvals.lacking(lambda: sales.void(session, last, "-")) is None
    sales.void(session, last, "wrong item")
    with pytest.raises(RightsError):
        sales.change_quantity(session, first, 2)
    fewer = _yes(till, lambda: sales.change_quantity(session, first, 2))
    with pytest.raises(RightsError):
        sales.void(session, first, "dropped", fewer)  # it serves for that alone
    sales.change_quantity(session, first, 2, fewer)
    with pytest.raises(RightsError):
        sales.void(session, second, "dropped")
    approved(till.register, partial(sales.void, session, second, "dropped"))
    with pytest.raises(RightsError):
        till.register.recovery.discard(session, "left")
    approved(till.register, partial(till.register.recovery.discard, session, "left"))
    assert [gone.sent for one in till.wrote(LineVoided) for gone in removed_by(one)] == [False, True]
    assert any(gone.sent for one in till.wrote(OrderDiscarded) for gone in removed_by(one))
    assert [one.act for one in till.wrote(ApprovalGiven)] == [Permission.VOID_SENT] * 3


@pytest.mark.parametrize("how", ["add", "move"])
def test_lines_that_come_to_a_tab_were_saved_on_it(till: Till, how: str) -> None:
    """Keyed on the tab and saved, they need a manager too."""
    tab, round_ = till.order(1).id, till.order(2, 3)
    till.register.tabs.save(tab, "5")
    (listed,) = till.register.open_tabs.local()
    dosa = next(iter(round_.lines))
    if how == "add":
        till.acts.add(round_.id, listed)
    else:
        till.acts.move_lines(round_.id, {dosa: 1}, listed)
    recall(till, tab)
    with pytest.raises(RightsError):
        till.register.sales.void(tab, dosa, "dropped")
