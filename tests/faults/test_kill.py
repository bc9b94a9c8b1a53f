"""kill -9 in the middle of an order, at random moments: every line that was painted is there again (design §8).

`make kill COUNT=50` kills that often. A failing test's name holds its seed: `make kill COUNT=1 SEED=…` tries it again.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.terminal import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue

COUNT: Final = int(os.environ.get("TILL_KILL_COUNT") or 5)
SEED: Final = os.environ.get("TILL_KILL_SEED") or "suite"
SEEDS: Final = [SEED] if COUNT == 1 else [f"{SEED}-{number}" for number in range(1, COUNT + 1)]
#: No more than an order shows at once on 80×24, each in one row.
ITEMS: Final = ("Idly", "Masala Dosa", "Filter Coffee", "Tea", "Badam Milk", "Buttermilk", "Lime Soda", "Rose Milk")


@dataclass(frozen=True)
class Moment:
    """The order and the typed text after one more key."""

    quantities: tuple[tuple[str, int], ...]
    typed: str


def keystrokes(chance: random.Random) -> Iterator[tuple[str, Moment]]:
    """Keys one by one, each with what the screen shows after it."""
    order: dict[str, int] = {}
    while True:
        item, quantity = chance.choice(ITEMS), chance.randint(1, 4)
        sentence = f"{quantity} {item.lower()}"
        for end in range(1, len(sentence) + 1):
            yield sentence[end - 1], Moment(tuple(order.items()), sentence[:end])
        order[item] = order.get(item, 0) + quantity
        yield KEYS["enter"], Moment(tuple(order.items()), "")


def seen(till: Terminal) -> Moment:
    return Moment(tuple(till.quantities().items()), till.typed)


def same(one: Moment, other: Moment) -> bool:
    """Equal, but for a space at the end, which a screen does not show."""
    return dict(one.quantities) == dict(other.quantities) and one.typed == other.typed.strip()


def place_of(painted: Moment, moments: list[Moment]) -> int | None:
    """The moment that was reached for sure: a frame may show the newer entry beside the older order."""
    orders = [dict(moment.quantities) for moment in moments]
    if dict(painted.quantities) not in orders:
        return None
    first = orders.index(dict(painted.quantities))
    return next((n for n, moment in enumerate(moments) if n >= first and moment.typed.strip() == painted.typed), None)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_painted_before_a_kill_is_there_again_after_it(venue: Venue, seed: str) -> None:
    chance = random.Random(seed)  # noqa: S311 - for the moment of a kill, not for a secret
    till = venue.open_at(1).wait_for("No lines yet")
    moments = [Moment((), "")]
    lasting = chance.uniform(0.05, 1.2)
    keys = keystrokes(chance)
    while lasting > 0 and len(moments) < 150:
        burst = [next(keys) for _ in range(chance.choice((1, 1, 2, 3, 8, 20)))]
        till.type("".join(key for key, _moment in burst))
        moments += [moment for _key, moment in burst]
        pause = chance.uniform(0, 0.06)
        lasting -= pause
        till.read_for(pause)
    till.kill9()
    painted = seen(till)
    earliest = place_of(painted, moments)
    assert earliest is not None, f"what was on the screen is no moment of the order:\n{till.picture()}"

    again = venue.open().wait_for("This till closed unexpectedly at ")
    if painted.quantities:
        again.wait_for("open: ")
    venue.log_in(again)
    again.wait_for(lambda t: any(same(seen(t), moment) for moment in moments[earliest:]))
    if painted.quantities:
        again.wait_for("Your order is here: ")
    again.wait_for("● saved")
    kept = dict(seen(again).quantities)
    stored = venue.rows(
        "SELECT item_name, sum(quantity)::integer FROM hot.session_cart WHERE is_active GROUP BY item_name"
    )
    assert dict(stored) == kept
