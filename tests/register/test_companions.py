"""The events that follow a sale in its own transaction: stamp, number, tickets and papers, in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.plugins.freedonia import find_law
from tests.register.conftest import VENUE
from tests.register.printing.test_jobs import begun
from tests.register.test_fiscal import in_freedonia

if TYPE_CHECKING:
    from tests.register.conftest import Till


def test_stamp_number_ticket_and_receipt_follow_a_sale_in_this_order(till: Till) -> None:
    station = {"name": "Grill", "categories": [till.register.menu.by_plu[1].category]}
    till.journal.cache("settings", 9, VENUE | in_freedonia() | {"stations": [station]})
    till.register.reference_changed(["settings"])
    till.register.fiscal.begin(find_law, "1")
    till.register.numbers.is_on = True
    begun(till, when="always", stations={"Grill": "Counter"})
    till.register.sales.opens_as = "take_away"
    order = till.register.checkout.pay_exact(till.order(1).id)
    assert till.types()[-5:] == ["order_placed", "fiscal_stamped", "order_numbered", "lines_sent", "receipt_issued"]
    assert [one.paper for one in till.journal.jobs_of(order.id)] == ["receipt", "ticket"]
