"""Each part of the register that hears news of the sync is in its list, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.register.hearing import Hearer

if TYPE_CHECKING:
    from tests.register.conftest import Till


def test_each_part_that_hears_is_in_the_list_once(till: Till) -> None:
    listed = till.register.hearers
    parts = {name: one for name, one in vars(till.register).items() if isinstance(one, Hearer)}
    assert {name for name, one in parts.items() if one not in listed} == set()
    assert len({id(one) for one in listed}) == len(listed)
    deaf = [type(one).__name__ for one in listed if all(getattr(type(one), name) is of for name, of in HEARD.items())]
    assert deaf == []


#: All that can be heard, as it is where nothing is.
HEARD = {name: of for name, of in vars(Hearer).items() if not name.startswith("_")}
