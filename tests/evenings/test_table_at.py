"""A table at any moment of random evenings with merges, moves, splits and payments: what its till had folded then."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest
from typing_extensions import override

from tests.evenings.served import ServedEvening
from tests.evenings.test_evenings import stage
from tests.plugins.database import unwatched
from tests.sql.ringing import ask
from till.domain.order.events import TabAssigned
from till.domain.venue import read_venue
from till.reports.table import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tests.evenings.served import Stage
    from till.domain.order.state import Order
    from till.reports.table import TableOrder

__all__ = ["stage"]

#: The tables of an evening.
_TABLES: Final = range(1, 25)
_ARRIVED: Final = "UPDATE warm.session_events SET received_at = %s WHERE store_id = %s AND received_at < '2030-01-01'"
_CLOSED: Final = "UPDATE till.tabs SET closed_at = %s WHERE store_id = %s AND closed_at < '2030-01-01'"
_VERSIONS: Final = "SELECT id, version FROM till.order_sessions WHERE store_id = %s"
_REFUSED: Final = """
    SELECT jsonb_array_elements_text(event_data->'events') FROM warm.log
    WHERE event_type = 'refused' AND store_id = %s"""
_ARCHIVE: Final = "SELECT cold.move_to_archive(ARRAY(SELECT cold.archivable(%s, 'infinity', true, NULL)))"


class RecordedEvening(ServedEvening):
    """An evening whose tills keep the fold of each open table after each act, if they know all that the server has."""

    def __init__(self, *given: Any) -> None:
        self.folded: list[tuple[datetime, int, Order]] = []
        super().__init__(*given)

    @override
    def judge(self) -> None:
        super().judge()
        self.arrive()
        self.clock.move(seconds=1)
        self.folded += [(self.world.time(), till, order) for till, order in self._held()]

    def arrive(self) -> None:
        """Set the arrival of what came, and the end of tabs, to the time of this world."""
        server = self.world.server
        with unwatched(server.base.owner):
            for query in (_ARRIVED, _CLOSED):
                server.base.owner.execute(query, [self.world.time(), server.store])

    def _held(self) -> Iterator[tuple[int, Order]]:
        """Yield the open tables, each with the till that holds it: another may not have heard of the grant."""
        versions = dict(self.world.server.rows(_VERSIONS, self.world.server.store))
        newest: dict[str, tuple[int, Order]] = {}
        here = self.till
        for till in self.tills:
            self.till = till
            for order in self.orders():
                if order.id not in newest or newest[order.id][1].hold < order.hold:
                    newest[order.id] = self.till.number, order
        self.till = here
        for number, order in newest.values():
            mark = self.world.machines[number - 1].journal.mark_of(order.id)
            knows_all = (mark.version if mark is not None else 0) >= versions.get(order.id, 0)
            if order.holder == number and order.tab is not None and not order.is_over and knows_all:
                yield number, order


@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.parametrize("seed", [3_000_204, 3_000_206, 3_000_207, 3_000_208, 3_000_217, 3_000_254])
def test_a_table_at_any_moment_is_what_its_till_had_folded(stage: Stage, seed: int, *, is_old: bool) -> None:
    with stage.evening(seed, RecordedEvening) as evening:
        evening.play()
        evening.arrive()
        server = evening.world.server
        if is_old:
            server.value(_ARCHIVE, server.store)
        query = partial(ask, server.base.owner, server.store)
        venue = read_venue(query("venue"))
        events = {event.id: event for event in evening.events()}
        refused = [events[one].data for (one,) in server.rows(_REFUSED, server.store) if one in events]
        saved = {data.tab_id for data in refused if isinstance(data, TabAssigned)}

        def stood(order: Order, moment: datetime) -> TableOrder | None:
            """Return the order on its table; or on any other, if the server refused to save it there."""
            assert order.tab is not None
            names = [order.tab.table_number or order.tab.name, *(_TABLES if order.tab.id in saved else ())]
            tables = (read_table(query, venue, str(name), moment) for name in names)
            return next((one for found in tables for one in found.orders if one.order.id == order.id), None)

        assert evening.folded
        for moment, _till, order in evening.folded:
            there = stood(order, moment)
            if there is None:
                assert order.tab is not None
                assert order.tab.id in saved, "it stood nowhere else"
                continue
            rows = [row for row in (*there.stood, *there.acts) if row.why]
            ours, theirs = ({line.id: line.quantity for line in one.lines.values()} for one in (order, there.order))
            different = {line for line in {*ours, *theirs} if ours.get(line, 0) != theirs.get(line, 0)}
            assert different <= {row.line_id for row in rows}
            assert {row.line_id for row in there.stood if row.line_id} == {line for line, n in theirs.items() if n}
            if not rows:
                assert (there.order.holder, there.order.total, there.order.due) == (
                    order.holder,
                    order.total,
                    order.due,
                )
