"""The pieces left of a counted item at a till: the newer of two counts stands, whichever was read first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from till.domain.events.envelope import time_text
from till.domain.till.events import ItemCounted
from till.register.left import LEFT

if TYPE_CHECKING:
    from tests.register.conftest import Till


@pytest.mark.parametrize(("later", "pieces"), [(True, 5), (False, 12)])
def test_own_count_gives_way_to_a_later_one_of_the_server(till: Till, *, later: bool, pieces: int) -> None:
    till.order(2)
    known = till.journal.head.seq
    till.register.ledger.user = 9  # a manager
    till.register.mark(ItemCounted(item_id="item-1", left=12, keep=True), None)
    till.order(2)
    at = till.clock.now() + timedelta(minutes=1 if later else -1)
    row = {"item": "item-1", "left": 5, "since": time_text(at), "by": till.register.ledger.new_id(), "keep": True}
    till.journal.cache(LEFT, known, {"items": [row]})
    till.register.reference_changed([LEFT])
    assert dict(till.register.reference.left.now()) == {"item-1": pieces}
