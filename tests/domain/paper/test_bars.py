"""Barcodes on paper."""

from __future__ import annotations

from till.domain.paper.bars import _WIDTHS, bars_of


def test_the_table_of_code_128_is_whole() -> None:
    assert len(_WIDTHS) == len(set(_WIDTHS)) == 107
    assert {sum(map(int, widths)) for widths in _WIDTHS[:-1]} == {11}
    assert all(sum(map(int, widths[::2])) % 2 == 0 for widths in _WIDTHS[:-1])  # the parity of the standard


def test_a_barcode_has_its_start_its_check_and_its_stop() -> None:
    modules = bars_of("PJJ123C")  # of which 55 is the check
    assert len(modules) == 11 * (1 + 7 + 1) + 13
    assert modules.startswith("11010010000" + "11101110110")
    assert modules.endswith("11101000110" + "1100011101011")


def test_only_printable_ascii_has_a_barcode() -> None:
    assert (bars_of("ಇಡ್ಲಿ"), bars_of("a\n")) == ("", "")
