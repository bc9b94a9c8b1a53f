"""A part of the simulation in every run of the tests; `make simulate` plays as many seeds as one likes."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.engine import connect
from tests.simulation.arena import Arena, make_folder
from tests.simulation.plan import Plan, Step, plan_of
from tests.simulation.planted import PLANTS
from tests.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Shelf

#: Seeds, each with the faults whose search begins there, as it shows them at once. Some faults show seldom: of the
#: seeds 0 to 260 `old_hold_snapshot` shows in none, `receipt_unflagged` in four; every other fault shows in one of
#: sixty, or in more. There are some seeds of each kind of plan.
_SHOWS = {
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
#: These are played whole too, so that no rule breaks in them without a planted fault.
_ORDINARY = sorted(_SHOWS)
_FROM = {fault: seed for seed, faults in _SHOWS.items() for fault in faults}
#: The number of seeds to search: a change of the arena or of a till changes what a seed does.
_WITHIN = 60
_PART = 8


@contextmanager
def _arena(shelf: Shelf, template: str) -> Iterator[Arena]:
    with (
        shelf.made(template) as database,
        connect(database.owner) as owner,
        connect(database.app) as app,
        make_folder() as folder,
    ):
        yield Arena(owner, app, Path(folder))


@pytest.fixture(scope="module")
def play(shelf: Shelf, template: str) -> Iterator[Arena]:
    """An arena into which nothing is planted."""
    with _arena(shelf, template) as arena:
        yield arena


@pytest.fixture(scope="module")
def field(shelf: Shelf, template: str) -> Iterator[Arena]:
    """An arena into which one fault after the other is planted."""
    with _arena(shelf, template) as arena:
        yield arena


@pytest.mark.parametrize("first", range(0, len(_ORDINARY), _PART))
def test_no_seed_breaks_a_rule(play: Arena, first: int) -> None:
    for seed in _ORDINARY[first : first + _PART]:
        broken = play.play(seed)
        assert broken is None, str(broken)


@pytest.mark.parametrize("plant", sorted(PLANTS))
def test_a_planted_fault_is_found(play: Arena, field: Arena, plant: str) -> None:
    """A seed counts that breaks a rule with the fault and none without it: the ordinary ones do not, by their test."""
    first = _FROM.get(plant, 0)
    with field.planted_with(plant):
        broken = (seed for seed in range(first, first + _WITHIN) if field.play(seed, short=False))
        found = any(seed in _ORDINARY or play.play(seed, short=False) is None for seed in broken)
    assert found, f"{plant} was not found in {_WITHIN} seeds"


def test_a_seed_is_the_same_plan_every_time() -> None:
    assert plan_of(7) == plan_of(7)
    assert plan_of(7) != plan_of(8)


def test_a_till_whose_journal_was_replaced_resumes_no_order(play: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shortened plans can contain this step; it is skipped, as refused steps are."""

    def heal(world: World) -> None:
        query = "UPDATE warm.journal_head SET retired_at = now() WHERE store_id = %s"
        world.server.base.owner.execute(query, [world.server.store])
        world.come_back()

    monkeypatch.setattr(World, "heal", heal)
    kinds = ("login", "keep_copy", "key", "sync", "restore_copy")
    assert play.attempt(Plan(0, 1, tuple(Step(kind, 0, 2, 1.0) for kind in kinds))) is None
