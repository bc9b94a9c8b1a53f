"""The plan of a seed: how many tills, and which step follows which. It is made before anything runs.

A step carries its own chance, so that leaving one out changes none of the others. This is how a failing seed is
shortened.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

#: Acts at the keys, and their weights.
KEYS: Final = {
    "key": 24,
    "quantity": 6,
    "void": 4,
    "undo": 2,
    "discount": 1,
    "split": 2,
    "order_type": 2,
    "wish": 1,
    "menu": 1,
    "pay": 5,
    "pay_part": 2,
    "decline": 1,
    "save_tab": 3,
    "recall_tab": 4,
    "discard": 1,
    "new_order": 2,
    "recall": 2,
    "logout": 4,
    "login": 6,
}
#: Acts of the network. A `sync` is a whole exchange; the others are its parts, and their possible fates.
LINES: Final = {"sync": 30, "send": 6, "arrive": 5, "answer": 5, "lose": 3, "ghost": 2, "repeat": 2}
#: Faults. Each seed has some of these and not the others, so that rare things meet often enough.
FAULTS: Final = {
    "cut": 3,
    "mend": 4,
    "server_down": 1,
    "server_up": 3,
    "skew": 2,
    "kill": 2,
    "kill_in": 4,
    "restart": 6,
    "keep_copy": 2,
    "restore_copy": 1,
    "adopt": 3,
    "empty_hot": 2,
    "sweep": 2,
    "backup": 2,
    "set_back": 1,
    "new_price": 1,
    "settle": 1,
    "part_ways": 3,
}
#: Of these: what befalls the database, and what a machine that is off can suffer too.
SERVER: Final = frozenset(
    {"server_down", "server_up", "empty_hot", "sweep", "backup", "set_back", "new_price", "promote", "retry"}
)
MACHINE: Final = frozenset({"cut", "mend", "skew", "kill", "restart", "keep_copy"})
#: Faults that make no sense without each other.
_PAIRS: Final = (
    ("cut", "mend"),
    ("server_down", "server_up"),
    ("keep_copy", "restore_copy", "adopt"),
    ("backup", "set_back"),
    ("kill", "kill_in", "restart"),
)
#: A card terminal is asked for money, or after it: put into every other seed, so that the others stay what they were.
MONEY: Final = ("card", "card", "card", "hear")
#: Acts with money beside selling. Every other seed has them too, by a chance of its own.
COUNTER: Final = {
    "tip": 3,
    "take_off": 2,
    "all_off": 2,
    "part": 2,
    "part_offer": 1,
    "merge": 2,
    "give_back": 1,
    "correct": 1,
    "refund": 4,
    "refund_card": 2,
    "voucher": 2,
    "account": 1,
}
#: Acts with money that are interrupted: two tills at once, or the till dies.
BETWEEN: Final = {
    "number_twice": 3,
    "refund_dies": 1,
    "voucher_twice": 2,
    "voucher_dies": 2,
    "voucher_apart": 2,
    "paid_back_dies": 1,
}
#: A part that the terminal took goes back by it, with and without something between. Put into one seed of three.
PARTS_BACK: Final = ("part_back", "part_back", "part_back_dies", "part_back_apart")
#: Guests pay for pieces of lines, and what they paid for is voided, parted or merged.
ITEMS: Final = ("items", "items", "items", "items_asked", "void", "split", "quantity", "merge")
#: Acts of which a kitchen hears.
KITCHEN: Final = {"course": 6, "hold_courses": 2, "fire": 4, "to_kitchen": 4, "save_tab": 4, "recall_tab": 6, "void": 2}
#: Acts of which allergies are, and the lines that they go with.
WORDS: Final = {"allergy": 6, "part": 2, "merge": 3, "split": 2, "save_tab": 4, "recall_tab": 6, "key": 4}
#: Meetings that chance seldom brings.
MEETINGS: Final = ("base_given_again", "left_under_old_hold", "corrected_again")
#: Meetings of acts between orders.
ACTS_APART: Final = ("act_on_what_went", "act_on_a_late_line", "act_after_a_restore")
#: Acts of a manager at the desk.
DESK: Final = {"promote": 2}
#: From this seed on tills are shut out and let in again too, in every other, and what was put aside is tried again:
#: those before stay what they were.
_SHUT_OUT_FROM: Final = 6_000_000
#: From this seed on guests pay by items too.
_ITEMS_FROM: Final = 7_000_000
#: From this seed on tills meet on purpose too.
_MEETINGS_FROM: Final = 8_000_000
#: From this seed on also over acts between orders.
_ACTS_FROM: Final = 9_000_000
#: From this seed on programs order too.
_DOOR_FROM: Final = 10_000_000
#: From this seed on people slip, and serve in a rush.
_SLIPS_FROM: Final = 11_000_000
#: From this seed on every third venue has stations. In one in ten of them a till writes no tickets.
_KITCHEN_FROM: Final = 12_000_000
#: From this seed on guests are allergic.
_WORDS_FROM: Final = 13_000_000
_DELAYS: Final = (0.01, 0.2, 0.2, 1.0, 1.0, 6.0, 40.0, 600.0)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a seed: its kind, its till (by place), its chance, and the seconds before it."""

    kind: str
    place: int
    chance: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.seconds:>6.2f} s  till {self.place + 1}  {self.kind} ({self.chance})"


@dataclass(frozen=True, slots=True)
class Plan:
    """A seed: its tills and its steps, whether the venue has stations, and the till that writes no tickets, if any."""

    seed: int
    tills: int
    steps: tuple[Step, ...]
    has_stations: bool = False
    older: int | None = None


def plan_of(seed: int) -> Plan:
    """Return the plan of a seed, always the same for one version of this file."""
    rng = random.Random(seed)  # noqa: S311 - a simulation repeats itself
    tills = rng.choice((2, 2, 2, 3, 3, 4, 5))
    weights = KEYS | LINES | _some(rng, FAULTS)
    favoured = rng.choice(list(KEYS))
    weights[favoured] *= 3
    kinds, shares = list(weights), list(weights.values())
    count = rng.randint(60, 150)
    busy = [rng.choice((1, 2, 4)) for _till in range(tills)]
    steps = []
    for kind in rng.choices(kinds, shares, k=count):
        step = Step(kind, rng.choices(range(tills), busy)[0], rng.getrandbits(32), rng.choice(_DELAYS))
        steps.append(step)
    more = random.Random(f"money {seed}")  # noqa: S311 - a simulation repeats itself
    for _step in range(more.choice((0, more.randint(6, 16)))):
        step = Step(more.choice(MONEY), more.randrange(tills), more.getrandbits(32), more.choice(_DELAYS))
        steps.insert(more.randrange(len(steps)), step)
    _put_counter(steps, seed, tills)
    _put_parts_back(steps, seed, tills)
    for first, put in _PUT_FROM:
        if seed >= first:
            put(steps, seed, tills)
    has_stations = seed >= _KITCHEN_FROM and seed % 3 == 0
    if has_stations:
        _put_kitchen(steps, seed, tills)
    if seed >= _WORDS_FROM:
        _put_words(steps, seed, tills)
    return Plan(seed, tills, tuple(steps), has_stations, 2 if has_stations and seed % 30 == 0 else None)


def _put_counter(steps: list[Step], seed: int, tills: int) -> None:
    """Put acts with money beyond sales between the steps of every other seed, after its beginning."""
    rng = random.Random(f"counter {seed}")  # noqa: S311 - a simulation repeats itself
    weights = COUNTER | BETWEEN | DESK
    favoured = rng.choice(list(weights))
    weights[favoured] *= 3
    count = rng.choice((0, rng.randint(8, 24)))
    for kind in rng.choices(list(weights), list(weights.values()), k=count):
        step = Step(kind, rng.randrange(tills), rng.getrandbits(32), rng.choice(_DELAYS))
        steps.insert(rng.randrange(len(steps) // 5, len(steps)), step)


def _put_parts_back(steps: list[Step], seed: int, tills: int) -> None:
    rng = random.Random(f"parts back {seed}")  # noqa: S311 - a simulation repeats itself
    for _step in range(rng.choice((0, 0, rng.randint(2, 6)))):
        step = Step(rng.choice(PARTS_BACK), rng.randrange(tills), rng.getrandbits(32), rng.choice(_DELAYS))
        steps.insert(rng.randrange(len(steps) // 5, len(steps)), step)


def _put_shut_out(steps: list[Step], seed: int, tills: int) -> None:
    rng = random.Random(f"shut out {seed}")  # noqa: S311 - a simulation repeats itself
    for _step in range(rng.choice((0, rng.randint(2, 10)))):
        step = Step(
            rng.choice(("shut_out", "shut_out", "shut_out", "retry")),
            rng.randrange(tills),
            rng.getrandbits(32),
            rng.choice(_DELAYS),
        )
        steps.insert(rng.randrange(len(steps) // 5, len(steps)), step)


def _put_items(steps: list[Step], seed: int, tills: int) -> None:
    """Put guests who pay by items between the steps, some in a row at one till."""
    rng = random.Random(f"items {seed}")  # noqa: S311 - a simulation repeats itself
    for _table in range(rng.randint(1, 4)):
        place, at = rng.randrange(tills), rng.randrange(len(steps) // 5, len(steps))
        for _guest in range(rng.randint(2, 5)):
            steps.insert(at, Step(rng.choice(ITEMS), place, rng.getrandbits(32), rng.choice(_DELAYS)))


def _put_meetings(steps: list[Step], seed: int, tills: int) -> None:
    rng = random.Random(f"meetings {seed}")  # noqa: S311 - a simulation repeats itself
    for kind in rng.sample(MEETINGS, rng.randint(1, len(MEETINGS))):
        step = Step(kind, rng.randrange(tills), rng.getrandbits(32), rng.choice(_DELAYS))
        steps.insert(rng.randrange(len(steps)), step)


def _put_acts(steps: list[Step], seed: int, tills: int) -> None:
    rng = random.Random(f"acts {seed}")  # noqa: S311 - a simulation repeats itself
    for kind in rng.sample(ACTS_APART, rng.randint(1, len(ACTS_APART))):
        step = Step(kind, rng.randrange(tills), rng.getrandbits(32), rng.choice(_DELAYS))
        steps.insert(rng.randrange(len(steps)), step)


def _put_door(steps: list[Step], seed: int, tills: int) -> None:
    rng = random.Random(f"door {seed}")  # noqa: S311 - a simulation repeats itself
    for _order in range(rng.randint(1, 4)):
        step = Step("at_the_door", rng.randrange(tills), rng.getrandbits(32), rng.choice(_DELAYS))
        steps.insert(rng.randrange(len(steps)), step)


def _put_slips(steps: list[Step], seed: int, tills: int) -> None:
    """Put people who slip, and people in a rush, between the steps."""
    rng = random.Random(f"slips {seed}")  # noqa: S311 - a simulation repeats itself
    for kind in ("slip", "slip", "rush"):
        for _time in range(rng.randint(1, 2)):
            steps.insert(rng.randrange(len(steps)), Step(kind, rng.randrange(tills), rng.getrandbits(32), 0.2))


def _put_kitchen(steps: list[Step], seed: int, tills: int) -> None:
    rng = random.Random(f"kitchen {seed}")  # noqa: S311 - a simulation repeats itself
    for kind in rng.choices(list(KITCHEN), list(KITCHEN.values()), k=rng.randint(10, 40)):
        step = Step(kind, rng.randrange(tills), rng.getrandbits(32), rng.choice(_DELAYS))
        steps.insert(rng.randrange(len(steps) // 5, len(steps)), step)


def _put_words(steps: list[Step], seed: int, tills: int) -> None:
    rng = random.Random(f"words {seed}")  # noqa: S311 - a simulation repeats itself
    for kind in rng.choices(list(WORDS), list(WORDS.values()), k=rng.randint(20, 50)):
        step = Step(kind, rng.randrange(tills), rng.getrandbits(32), rng.choice(_DELAYS))
        steps.insert(rng.randrange(len(steps) // 5, len(steps)), step)


def _some(rng: random.Random, faults: dict[str, int]) -> dict[str, int]:
    """Choose about half of the faults, in whole pairs."""
    groups = [*_PAIRS, *((name,) for name in faults if not any(name in pair for pair in _PAIRS))]
    chosen = [group for group in groups if rng.random() < 0.5]
    some = {name: faults[name] * rng.choice((1, 1, 3)) for group in chosen for name in group}
    if "set_back" in some:
        some.pop("restore_copy", None)  # records that both lost are gone: no rule can hold
    return some


#: The first seed of each kind of plan, with what puts its steps between the others.
_PUT_FROM: Final = (
    (_SHUT_OUT_FROM, _put_shut_out),
    (_ITEMS_FROM, _put_items),
    (_MEETINGS_FROM, _put_meetings),
    (_ACTS_FROM, _put_acts),
    (_DOOR_FROM, _put_door),
    (_SLIPS_FROM, _put_slips),
)
