"""A busy evening at a venue with combos, whose guests also pay by items, under the rules of any evening."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from tests.evenings.busy import BusyEvening

if TYPE_CHECKING:
    from tests.register.conftest import Till

#: Two combos that share a drink, one of two pieces of a slot.
_COMBOS: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "Lunch",
        "price": "6",
        "slots": [
            {"name": "Main", "of": [{"item": "item-1"}, {"item": "item-2"}, {"item": "item-3"}]},
            {"name": "Drink", "of": [{"item": "item-4"}, {"item": "item-8", "extra": "1"}]},
        ],
    },
    {
        "name": "For two",
        "price": "9.99",
        "slots": [
            {"name": "Any", "of": [{"item": "item-1"}, {"item": "item-3"}, {"item": "item-4"}], "pieces": 2},
            {"name": "Drink", "of": [{"item": "item-8"}]},
        ],
    },
)


class ComboEvening(BusyEvening):
    """An evening by a seed, with combos."""

    @override
    def _open_venue(self, law: dict[str, Any], offers: list[dict[str, Any]]) -> list[Till]:
        tills = super()._open_venue(law, offers)
        for till in tills:
            version, settings = till.journal.cached("settings")
            till.journal.cache("settings", version + 1, settings | {"combos": list(_COMBOS)})
            till.register.reference_changed(["settings"])
        return tills
