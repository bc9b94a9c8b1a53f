"""The Python calls that a tab, an item or a line adds to the key that lists or changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import venue
from bench.calls import count_beside_combos, count_line, count_menu, count_scans, count_tables
from till.domain.catalogue.labels import check_digit

if TYPE_CHECKING:
    from bench.testbed import Bench


def test_an_open_tab_beyond_the_page_adds_few_calls_to_f8(testbed: Bench) -> None:
    assert count_tables(testbed, 90) - count_tables(testbed, 40) < 50 * 12


def test_an_item_adds_no_call_to_f4(testbed: Bench) -> None:
    assert count_menu(testbed, 2_000) - count_menu(testbed, 1_000) < 200


def test_a_line_of_the_order_adds_no_call_to_the_enter_that_changes_another(testbed: Bench) -> None:
    assert count_line(testbed, 500) - count_line(testbed, 50) < 200


def test_a_label_adds_no_more_than_a_tenth_to_a_barcode(testbed: Bench) -> None:
    labels = [code + check_digit(code) for code in (f"21{plu:05}01250" for plu in range(10, 14))]
    assert count_scans(testbed, labels) <= 1.1 * count_scans(testbed, [venue.barcode(plu) for plu in range(10, 14)])


def test_a_line_of_a_combo_adds_no_more_than_four_tenths_to_one_without(testbed: Bench) -> None:
    offered, plain = (count_beside_combos(testbed, 25, combos=combos) for combos in (True, False))
    assert offered <= 1.42 * plain
