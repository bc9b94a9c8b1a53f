"""The search for planted faults, and the table of those that the simulation finds: `make simulate PLANT=all`."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from db.engine import connect
from tests.simulation.arena import Arena
from tests.simulation.drawn import Watch, draw
from tests.simulation.plan import plan_of
from tests.simulation.planted import PLANTS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from multiprocessing.queues import SimpleQueue
    from pathlib import Path

    from tests.simulation.drawn import Drawn, Place

#: Seeds, each with the faults whose search begins there, as it shows them at once. Some faults show seldom: of the
#: seeds 0 to 260 `old_hold_snapshot` shows in none, `receipt_unflagged` in four; every other fault shows in one of
#: sixty, or in more. There are some seeds of each kind of plan.
SHOWS: Final = {
    4: ("saving_lost",),
    5: ("drawer_keeps_change", "second_payment_unseen", "second_sale_cut"),
    29: ("snapshot_short_of_events", "undoing_forgotten"),
    31: ("cart_row_stays", "move_counts_at_one_end", "news_untold", "page_end_dropped", "void_not_winning"),
    33: ("act_of_stale_versions", "completion_without_barrier"),
    37: ("voucher_taken_twice",),
    44: ("charge_counted_by_each_till", "grant_not_handed_back", "refused_counts", "stale_base_stands"),
    45: ("discount_lost", "head_never_back"),
    62: ("relation_knows_no_cuts", "relation_misses_a_move", "void_number_lost"),
    72: ("balance_eaten",),
    81: ("refund_to_wrong_tender", "refund_uncounted"),
    89: ("act_of_another_holder",),
    108: ("line_in_two_orders",),
    114: ("answer_dropped", "back_but_still_there", "early_acknowledgement", "overcharge_unseen"),
    116: ("receipt_unflagged", "salvage_dropped"),
    143: ("grant_keeps_older_snapshot",),
    145: ("late_void_changes_sale",),
    7_000_036: ("old_hold_snapshot", "push_not_idempotent", "receipt_given_twice", "resuming_unheard"),
    8_000_016: ("act_half_taken", "event_dropped", "money_left_behind", "old_hold_counts_there"),
    8_000_023: ("correction_counts_each", "paid_piece_leaves", "tip_as_payment"),
    8_000_036: ("return_forgotten",),
    9_000_000: ("late_move_not_replayed", "refund_unflagged", "reply_skips_one"),
    9_000_002: ("act_before_its_backlog", "swept_order_let_go_there", "swept_order_taken_away"),
    9_000_005: ("late_line_lost", "paid_order_granted_open", "pieces_dropped", "relation_keeps_what_left"),
    9_000_021: ("charge_forgotten", "decline_as_given", "declined_stays_awaited", "remainder_lost"),
    10_000_023: ("batch_cut_in_command", "correction_lost", "drawer_unnamed"),
    10_000_026: ("program_order_not_returned",),
    10_000_047: ("current_hold_refused", "drawer_forgets_refunds", "voucher_never_spent"),
}
_FROM: Final = {fault: seed for seed, faults in SHOWS.items() for fault in faults}
#: The number of seeds to search: a change of the arena or of a till changes what a seed does.
WITHIN: Final = 60
#: The seeds in which drawn faults are searched: plans with every kind of step.
_DRAWN_FROM: Final = 11_000_000
#: The seeds whose functions are the reach of the simulation.
_WATCHED: Final = 3
#: Seconds after which a play does not end.
_LONGEST_S: Final = 60


class Search(NamedTuple):
    """A fault to search for: its name, its plant if it was drawn, and the seeds to play."""

    name: str
    drawn: Drawn | None
    seeds: range


class Result(NamedTuple):
    """The result of a search: the seeds played until the fault showed, and the broken rule; no rule if it did not."""

    name: str
    is_drawn: bool
    seeds: int
    rule: str


class EndlessError(BaseException):
    """A play does not end. No handler of the till may hold it up."""


def seeds_for(plant: str) -> range:
    """Return the seeds in which a fault that was made for the simulation is searched."""
    first = _FROM.get(plant, 0)
    return range(first, first + WITHIN)


def find_all(logins: list[tuple[str, str]], journals: Path, count: int, seed: int) -> int:
    """Search for every fault that was made, and for some that are drawn. Return 1 if one that was made is not found.

    The first of the databases is for the seeds that show which functions are run.
    """
    searches = [Search(name, None, seeds_for(name)) for name in sorted(PLANTS)]
    (owner, app), *logins = logins
    with connect(owner) as session, connect(app) as till:
        places = run_places(Arena(session, till, journals))
    seeds = range(_DRAWN_FROM, _DRAWN_FROM + WITHIN)
    searches += [Search(one.name, one, seeds) for one in draw(places, count, seed)]
    context = multiprocessing.get_context("spawn")
    tasks: SimpleQueue[Search | None] = context.SimpleQueue()
    results: SimpleQueue[Result] = context.SimpleQueue()
    jobs = [
        context.Process(target=_work, args=(login, journals, 1_000_000 * (job + 1), tasks, results), daemon=True)
        for job, login in enumerate(logins)
    ]
    for job in jobs:
        job.start()
    for search in (*searches, *(None for _job in jobs)):
        tasks.put(search)
    try:
        found = [_next(results, jobs) for _search in searches]
    finally:
        for job in jobs:
            job.terminate()
            job.join()
    sys.stdout.write(table_of(found))
    return 0 if all(one.rule for one in found if not one.is_drawn) else 1


def run_places(arena: Arena) -> list[Place]:
    """Return the functions that some seeds run: a fault in any other is out of the simulation's reach."""
    with Watch() as watch:
        for seed in range(_DRAWN_FROM, _DRAWN_FROM + _WATCHED):
            arena.attempt(plan_of(seed))
    return watch.places


def _next(results: SimpleQueue[Result], jobs: list[Any]) -> Result:
    while results.empty():
        if not all(job.is_alive() for job in jobs):
            raise SystemExit(2)
        time.sleep(0.05)  # a pipe cannot be waited for together with the end of a process
    result = results.get()
    sys.stderr.write(f"{result.name}: {result.rule or 'missed'} {result.seeds}\n")
    return result


def _work(
    login: tuple[str, str],
    journals: Path,
    first: int,
    tasks: SimpleQueue[Search | None],
    results: SimpleQueue[Result],
) -> None:
    with connect(login[0]) as owner, connect(login[1]) as app:
        arena, clean = Arena(owner, app, journals, first=first), dict[int, bool]()
        while search := tasks.get():
            results.put(_search(arena, search, clean))
        time.sleep(_LONGEST_S)


def _search(arena: Arena, search: Search, clean: dict[int, bool]) -> Result:
    """Play seeds until one breaks a rule with the fault and none without it."""
    for number, seed in enumerate(search.seeds, 1):
        with arena.planted_with(search.drawn.plant if search.drawn else search.name):
            rule = _broken(arena, seed)
        if rule:
            if seed not in clean:
                clean[seed] = not _broken(arena, seed)
            if clean[seed]:
                return Result(search.name, search.drawn is not None, number, rule)
    return Result(search.name, search.drawn is not None, len(search.seeds), "")


def _broken(arena: Arena, seed: int) -> str:
    """Play a seed; return the rule that it breaks, or an empty text."""
    signal.signal(signal.SIGALRM, _end)
    signal.alarm(_LONGEST_S)
    try:
        problem = arena.attempt(plan_of(seed))
    except EndlessError:
        return "a play ends"
    except Exception:  # noqa: BLE001 - a fault may break anything
        return "no command breaks"
    finally:
        signal.alarm(0)
    return problem.rule if problem else ""


def _end(_number: int, _frame: object) -> None:
    raise EndlessError


def table_of(results: Iterable[Result]) -> str:
    """Return the table of the faults: those that were drawn first, each with the seeds to find it and the rule."""
    rows = sorted(results, key=lambda one: (not one.is_drawn, one.name))
    lines = ["| fault | seeds | rule |", "| --- | --- | --- |"]
    lines += [f"| {one.name.replace('|', '/')} | {one.seeds if one.rule else 'missed'} | {one.rule} |" for one in rows]
    for what in ("drawn", "made"):
        some = [one for one in rows if one.is_drawn == (what == "drawn")]
        lines += ["", f"{sum(bool(one.rule) for one in some)} of {len(some)} {what} faults are found."]
    return "\n".join(lines) + "\n"
