"""Corrected tenders, as the drawer of the till that took the payment hears of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.register.exchange import meet, take
from till.domain.money.measures import Minor
from till.domain.payment.events import TenderCorrected
from till.domain.staff.rights import Permission, PermissionRequest
from till.register.payments.corrected import DRAWER, Corrected, corrected_elsewhere, corrected_of

if TYPE_CHECKING:
    from tests.register.conftest import Till


def correct(till: Till, session: str, payment: str, tender: str) -> None:
    """Correct the tender of a payment, as a manager."""
    amount = till.register.ledger.order(session).payments[payment].amount
    yes = till.register.approvals.give(till.register.access.find(9), PermissionRequest(Permission.TENDER, amount))
    till.register.corrections.correct_tender(session, payment, tender, yes)


def test_a_correction_names_the_sale_of_its_payment_and_the_till_that_made_it(till: Till, other: Till) -> None:
    """An order was sold by two tills apart; each corrects the payment of its own sale."""
    session = till.order(2).id
    take(till, other, session)
    for one in (till, other):
        one.register.checkout.pay_exact(session)
    meet(till, other, sessions=[session])
    sales = {sale.till: sale.data for sale in till.register.ledger.order(session).placings}
    for one in (till, other):
        correct(one, session, sales[one.number].payments[0].payment_id, "UPI")
    meet(till, other, sessions=[session])
    order = till.register.ledger.order(session)
    events = till.journal.listed(TenderCorrected.listed)
    assert sorted(event.till for event in events) == [1, 2]
    for event in events:
        sale, data = sales[event.till], event.data
        assert isinstance(data, TenderCorrected)
        found = corrected_of(event, data, order)
        assert found == Corrected(
            event.id, sale.payments[0].payment_id, session, sale.receipt, "CASH", "UPI", "80.00", "INR", event.till
        )
        assert found.minor == Minor(8_000)


def test_a_list_of_corrections_is_empty_until_the_database_has_sent_one(till: Till) -> None:
    assert corrected_elsewhere(till.journal) == ()
    till.journal.cache(DRAWER, 1, {})
    assert corrected_elsewhere(till.journal) == ()
    one = Corrected("event", "payment", "session", "1-000001", "CASH", "CARD", "1.5", "BHD", 2)
    till.journal.cache(DRAWER, 2, {"corrected": [{name: getattr(one, name) for name in one.__struct_fields__}]})
    assert corrected_elsewhere(till.journal) == (one,)
    assert one.minor == Minor(1_500)  # three decimals
