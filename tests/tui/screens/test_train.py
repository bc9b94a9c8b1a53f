"""The screen between drills, and the guest on the sell screen: by tables, without an app."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, marks_of
from till.domain.money.measures import Minor
from till.ports.training import (
    DrillEnded,
    DrillFigures,
    DrillOffered,
    DrillScore,
    DrillShown,
    GuestShown,
)
from till.tui.drawing.viewmodels import RowsView
from till.tui.screens.sell.commands import make_keymap
from till.tui.screens.sell.guest_pane import guest_views, narrow_views
from till.tui.screens.train import (
    TrainFacts,
    TrainScene,
    TrainState,
    answer,
    chart_rows,
    reduce,
    score_rows,
    total_view,
)
from till.tui.shell.calls import call
from till.tui.shell.keymap import KeyPress
from till.tui.shell.marked_list import ListMark
from till.tui.shell.messages import refusal

OFFERED = (DrillOffered("rush", "Rush"), DrillOffered("tabs", "Tables"))
KEYMAP = make_keymap({})
FORMATS = Formats(Currency("INR"), marks_of("en_IN"))
GOOD = DrillFigures(served=22, each_s=41.2, lines=58, wrong=2, cash=14, change=0, left=1, score=84)
THEN = DrillFigures(served=9, each_s=52, over=Minor(-10_00), score=76)
BEFORE = DrillScore(drill="rush", day=date(2026, 3, 2), figures=THEN)
ENDED = DrillEnded(
    key="rush",
    name="Rush",
    minutes=10,
    figures=GOOD,
    remarks=(("Grey coat", "asked for no onion: not noted"),),
    before=BEFORE,
    best=76,
    days=(BEFORE, DrillScore(drill="rush", day=date(2026, 3, 3), figures=GOOD)),
)


def facts(*, wide: bool = True) -> TrainFacts:
    return TrainFacts(OFFERED, "Ravi", FORMATS, KEYMAP, 19 if wide else 0, 58 if wide else 0)


def text(rows: RowsView) -> str:
    return "\n".join(" ".join(cell.message.text for cell in row.cells) for row in rows.rows)


def test_a_drill_is_begun_the_training_is_left_and_a_key_of_selling_is_refused() -> None:
    marked = TrainState(mark=ListMark(1))
    assert reduce(marked, KeyPress("enter"), facts()) == (marked, (call(TrainScene.begin, OFFERED[1]),))
    assert reduce(marked, KeyPress("f12"), facts()) == (marked, (call(TrainScene.leave),))
    refused, calls = reduce(marked, KeyPress("f9"), facts())
    assert (refused.message, calls) == (refusal("Begin a drill first, then F9."), ())


def test_the_score_stands_beside_the_last_day_and_its_days() -> None:
    score, total = text(score_rows(ENDED, facts())), total_view(ENDED)
    assert "Time an order 41 s 52 s" in score
    assert "Lines wrong 2 of 58 0 of 0" in score
    assert "Drawer ✓ agrees −10.00" in score
    assert "Grey coat asked for no onion: not noted" in score
    assert (total.figure.figure, total.right[-1].text) == ("84", "84")
    days = text(chart_rows(ENDED, facts())).splitlines()
    assert days[-1] == "2 3"
    assert sum(line.count("███") for line in days) == round(0.76 * 16) + round(0.84 * 16)
    assert answer(ENDED).text == "84 of 100, your best."


def test_the_score_of_a_recorded_hour_stands_beside_its_median() -> None:
    score = text(score_rows(replace(ENDED, counter_s=37.5), facts()))
    assert "Time an order 41 s 38 s that hour" in score
    assert "Lines wrong 2 of 58 0 of 0" in score


def test_a_recorded_hour_says_what_no_guest_asks_for() -> None:
    offered = (
        DrillOffered("hour", "Sat 28 Nov, 20:00 to 21:00", about=("14 rounds of orders.", "Weighed: 1 × Cheese.")),
        *OFFERED,
    )
    rows = text(score_rows(None, replace(facts(), offered=offered)))
    assert rows.strip().splitlines() == ["14 rounds of orders.", "Weighed: 1 × Cheese."]
    narrow = text(score_rows(None, replace(facts(wide=False), offered=offered)))
    assert narrow.splitlines() == ["14 rounds of orders. Weighed: 1 × Cheese."]
    assert "Guests come to the counter" in text(score_rows(None, facts()))


def test_one_pane_has_the_figures_and_the_drills() -> None:
    assert len(score_rows(ENDED, facts(wide=False)).rows) == 5
    assert chart_rows(ENDED, facts(wide=False)) == RowsView()


def shown(*waiting: GuestShown) -> DrillShown:
    guest = GuestShown("Grey coat", ("Two idly, and one tea.", "No, make that three idly."), 34, "Pays with ₹500.00.")
    return DrillShown(
        name="Rush", left_s=492, patience_s=120, at_counter=guest, waiting=waiting, so_far=GOOD, is_over=False
    )


def test_the_guest_speaks_beside_the_order_and_the_others_wait() -> None:
    late = GuestShown("Blue shirt", ("One plain dosa.",), 108, is_leaving=True)
    views = guest_views(shown(late, GuestShown("Dr Rao", ("One tea.",), 31)), 60, 27)
    assert (views["guest_head"].title, views["guest_head"].note) == ("Grey coat", "waits 0:34")
    rows = text(views["guest"])
    assert "“Two idly, and one tea.”" in rows
    assert "Pays with ₹500.00." in rows
    assert "Blue shirt “One plain dosa.” 1:48" in rows
    assert "2, they leave after 2:00" in rows
    assert len(views["guest"].rows) == 27


def test_a_full_queue_and_nobody_fit_the_pane() -> None:
    crowd = [GuestShown(f"Guest {n}", ("One tea.",), n) for n in range(40)]
    assert len(guest_views(shown(*crowd), 60, 27)["guest"].rows) == 27
    nobody = DrillShown(name="Rush", left_s=1, patience_s=120, at_counter=None, waiting=(), so_far=DrillFigures())
    assert guest_views(nobody, 60, 27)["guest_head"].title == "Nobody waits"
    assert narrow_views(nobody, 76)["guest_head"].title == "Nobody waits"


def test_the_words_stand_above_the_order_with_one_pane() -> None:
    late = GuestShown("Blue shirt", ("One plain dosa.",), 108, is_leaving=True)
    views = narrow_views(shown(late), 76)
    assert (views["guest_head"].detail, views["guest_head"].note) == (
        "waits 0:34",
        "1 waiting, Blue shirt leaves at 2:00",
    )
    first, second, *_rule = text(views["guest"]).splitlines()
    assert first == "“Two idly, and one tea.”"
    assert second == "“No, make that three idly.” Pays with ₹500.00."
    assert text(views["so_far"]) == "Served 22, 41 s each   wrong 2   left 1"
