"""The acts of a person on the shelf at a till: here at once, at the server with the next push."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.events.envelope import Draft
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.stock.events import StockCounted, StockEvent, StockMoved
from till.domain.structs import replace
from till.domain.till.events import stream_of_till

if TYPE_CHECKING:
    from till.domain.staff.rights import Approval
    from till.register.register import Register


def tell_shelf(register: Register, data: StockEvent, approval: Approval | None = None) -> str:
    """Record an act on the shelf, and return the id of its event.

    Raises:
        ApprovalNeededError: a manager must approve.
    """
    stream = stream_of_till(register.ledger.store_id, register.till)
    if isinstance(data, StockCounted | StockMoved) and approval is not None:
        data = replace(data, approved_by=approval.by.number)
    with register.approvals.command(PermissionRequest(Permission.STOCK), approval) as command:
        command.write([Draft(data, stream)])
    return next(event.id for event in command.events if isinstance(event.data, StockEvent))
