"""The read of a screen of the kitchen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from till.domain.errors import EventError
from till.domain.i18n import _
from till.domain.kitchen.board import BoardTicket, TicketBoard
from till.domain.kitchen.head import TicketHead
from till.domain.order.evolve import fold
from till.domain.order.guest_words import head_of
from till.domain.streams import unseal
from till.domain.structs import replace
from till.sync.messages import Answer, Arrived, Whole
from till.sync.server import StoreRead

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.sync.questions import StoreClient


class BoardAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `kitchen_board_v1`."""

    boards: tuple[str, ...] = ()
    tickets: tuple[BoardTicket, ...] = ()
    orders: dict[str, tuple[Arrived, ...]] = msgspec.field(default_factory=dict)
    waiting: Whole = 0
    now: str = ""


KITCHEN_BOARD: Final = StoreRead("till.kitchen_board_v1", BoardAnswer)


def _head(arrived: Sequence[Arrived]) -> TicketHead:
    """Return the head of the tickets of an order. An event that cannot be read here may be an allergy."""
    try:
        order = fold(unseal(one.b, one.h, one.t) for one in arrived)
    except EventError:
        order = None
    if order is None or order.unread:
        return TicketHead((_("not readable here: ask the till"),))
    return head_of(order)


async def read_board(client: StoreClient, stations: Sequence[str], ticket: str | None = None) -> TicketBoard:
    """Return the tickets of stations for a screen of the kitchen, or the last ones of a number."""
    asked = {"ticket": ticket} if ticket is not None else {}
    journal = client.journal_id
    answer = await client.read(KITCHEN_BOARD, stations=list(stations), journal=journal, **asked)
    heads = {order: _head(rows) for order, rows in answer.orders.items()}
    tickets = (
        replace(one, head=TicketHead.of_all(heads[order] for order in one.orders if order in heads))
        for one in answer.tickets
    )
    return TicketBoard(answer.boards, tuple(tickets), answer.waiting, answer.now)
