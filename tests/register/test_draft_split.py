"""Splits agreed with guests: they outlive a crash, and end with the order: paid, cleared, merged, taken elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.register.exchange import give, take
from till.domain.errors import JournalError
from till.domain.order.suspension import discard

if TYPE_CHECKING:
    from tests.register.conftest import Till


def _agreed(till: Till, *sessions: str) -> list[object]:
    return [till.register.draft_split.of(session, "tip") for session in sessions]


def test_draft_split_survives_a_restart(till: Till) -> None:
    one, two = till.order(1).id, till.order(2).id
    till.register.draft_split.keep(one, "tip", 200)
    till.register.draft_split.keep(one, "split", {"guests": 2})
    till.register.draft_split.keep(two, "tip", 300)
    till.start()
    assert _agreed(till, one, two) == [200, 300]
    assert till.register.draft_split.of(one, "split") == {"guests": 2}
    till.register.draft_split.keep(one, "tip", None)
    till.start()
    assert _agreed(till, one, two) == [None, 300]
    assert till.register.draft_split.of(one, "split") == {"guests": 2}


def test_draft_split_is_dropped_when_its_order_leaves(till: Till, other: Till) -> None:
    paid, cleared, put_on, there, gone = (till.order(1).id for _one in range(5))
    nine = till.order(2).id
    till.register.tabs.save(nine, "9")
    for session in (paid, cleared, put_on, there, gone, nine):
        till.register.draft_split.keep(session, "tip", 200)
    till.register.checkout.pay_exact(paid)
    till.register.recovery.discard(cleared, "left")
    till.acts.add(put_on, next(iter(till.register.open_tabs.local())))
    take(till, other, there)
    other.register.ledger.commit(discard(other.register.ledger.order(there), "left"))
    give(other, till, there)
    take(till, other, gone)
    till.register.taken(gone, "Till 2", "Asha", till.clock.now())
    assert _agreed(till, paid, cleared, put_on, there, gone, nine) == [None] * 5 + [200]


def test_an_order_that_ended_while_the_till_was_off_has_its_draft_removed(till: Till) -> None:
    session = till.order(1).id
    till.register.draft_split.keep(session, "tip", 200)
    kept = till.journal.cached("own.agreed")
    assert kept is not None
    till.register.checkout.pay_exact(session)
    till.journal.cache("own.agreed", *kept)
    till.start()
    assert _agreed(till, session) == [None]


def test_a_disk_that_refuses_loses_nothing_meanwhile(till: Till) -> None:
    session = till.order(1).id
    till.journal.full = True
    till.register.draft_split.keep(session, "tip", 200)
    assert _agreed(till, session) == [200]
    with pytest.raises(JournalError):
        till.register.draft_split.save()
    till.journal.full = False
    till.register.draft_split.save()
    till.start()
    assert _agreed(till, session) == [200]
