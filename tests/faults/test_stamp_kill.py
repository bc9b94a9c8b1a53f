"""kill -9 around a stamp of a law: a sale or a given refund and its stamp are written together, or neither is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.faults.killing import dies
from tests.plugins.freedonia import find_law
from tests.register.approving import approved
from tests.register.conftest import VENUE
from tests.register.test_fiscal import in_freedonia
from tests.wiring.test_shift_carried import Disk
from till.domain.refund import giving
from till.domain.till.events import FiscalStamped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class LawfulDisk(Disk):
    """A till on a real journal, under a law."""

    def start(self) -> None:
        super().start()
        self.journal.cache("settings", 9, VENUE | in_freedonia())
        self.register.reference_changed(["settings"])
        self.register.fiscal.begin(find_law, "1")

    def begin_refund(self) -> None:
        refunds, (sold, *_rest) = self.register.refunds, self.register.refunds.past_sales()
        sale = refunds.sale(sold.session_id, sold.receipt)
        share, way = giving.pieces_back(sale, {1: 1}), giving.ways_of(sale)[0]
        approved(self.register, lambda by: refunds.start(sold.session_id, share, way, sale, by, "cold"))

    def give_refund(self) -> None:
        (begun,) = self.register.refunds.waiting()
        self.register.refunds.approve(begun.id)

    def types(self) -> list[str]:
        return [one.type for one in self.journal.unsent(-1)]


ACTS: Final[dict[str, Callable[[LawfulDisk], Any]]] = {
    "order_placed": Disk.sell,
    "refund_approved": LawfulDisk.give_refund,
}


@pytest.mark.parametrize("name", ACTS)
def test_no_kill_stands_between_a_sale_or_refund_and_its_stamp(tmp_path: Path, name: str) -> None:
    till = LawfulDisk(tmp_path / "till-1.sqlite")
    till.sell()
    till.begin_refund()
    till.journal.close()
    statement, written = 0, 1
    while written == 1:
        died = dies(till, lambda _step: ACTS[name](till), statement)
        till.start()
        types = till.types()
        written = types.count("order_placed") + types.count("refund_approved")
        assert types.count("fiscal_stamped") == written
        assert died or written > 1
        till.journal.close()
        statement += 1
    assert statement > 2, "it was killed before and in the write"
    till.start()
    till.sell()
    newest = reversed(till.journal.newest(FiscalStamped.listed, 3))
    stamps = [one.data for one in newest if isinstance(one.data, FiscalStamped)]
    assert [one.previous for one in stamps] == ["", stamps[0].hash, stamps[1].hash]
    till.journal.close()
