"""Faults of a file, each reported in one sentence with the file and the line."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.replay.bar import Bar, odd_bar
from tools.replay.cells import TradingFileError
from tools.replay.files import COLUMNS, read_trading
from tools.replay.sums import balances, paid_of, total4_of, users_of

if TYPE_CHECKING:
    from tools.replay.trading import Trading


def good(folder: Path) -> Path:
    bar = Bar()
    bar.sell("1", "Bitter pint", 1, "4.80")
    bar.sell("1", "Crisps", 2, "1.20", at="12:01", department="50")
    bar.pay("1", "CASH", "7.20")
    return bar.write(folder)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


def refusal(folder: Path) -> str:
    """Return the refusal of a folder; check that all its files are closed while the exception still lives."""
    opened: list[IO[Any]] = []
    whole = Path.open

    def noted(path: Path, mode: str) -> IO[Any]:
        opened.append(whole(path, mode))
        return opened[-1]

    with mock.patch.object(Path, "open", noted), pytest.raises(TradingFileError) as caught:
        read_trading(folder)
    assert [file.name for file in opened if not file.closed] == []
    assert "\n" not in caught.value.sentence
    return caught.value.sentence


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("lines.csv", ",4.80,", ",4.8O,", "lines.csv, line 2: unit_price “4.8O” is not a price in GBP."),
        ("lines.csv", ",4.80,", ",4.80001,", "lines.csv, line 2: unit_price “4.80001” is not a price in GBP."),
        ("lines.csv", ",2,1.20", ",two,1.20", "lines.csv, line 3: quantity “two” is not a whole number."),
        ("lines.csv", ",2,1.20", ",2.5,1.20", "lines.csv, line 3: quantity “2.5” is not a whole number."),
        (
            "lines.csv",
            "12:01:00",
            "12:61:00",
            "lines.csv, line 3: time “2025-07-01 12:61:00” is not a time such as 2024-05-29 12:14:33.",
        ),
        (
            "lines.csv",
            "2025-07-01 12:01:00",
            "2025-07-01",
            "lines.csv, line 3: time “2025-07-01” is not a time such as 2024-05-29 12:14:33.",
        ),
        ("lines.csv", ",S,", ",X,", "lines.csv, line 2: code “X” is neither S (sold) nor V (void)."),
        ("lines.csv", "2,1,1,", "2,9,1,", "lines.csv, line 3: trading_day 9 is not in days.csv."),
        ("lines.csv", "2,1,1,", "1,1,1,", "lines.csv, line 3: line_id 1 is already in line 2."),
        ("lines.csv", ",Crisps", ",", "lines.csv, line 3: item is empty."),
        ("lines.csv", ",Crisps", "", "lines.csv, line 3: 13 cells, but the heading has 14."),
        ("lines.csv", "mainbar,4", "mainbar,-4", "lines.csv, line 2: user_id “-4” is not a number from 1 on."),
        ("payments.csv", "7.20", "7.205", "payments.csv, line 2: amount “7.205” is not an amount in GBP."),
        ("payments.csv", "7.20", "", "payments.csv, line 2: amount “” is not an amount in GBP."),
        ("payments.csv", "tender", "way", "payments.csv, line 1: the heading must name tender once."),
        ("menu.csv", "4.80", "£4.80", "menu.csv, line 2: unit_price “£4.80” is not a price in GBP."),
        ("departments.csv", "Snacks", "", "departments.csv, line 3: name is empty."),
        (
            "days.csv",
            "2025-07-01,2025-07-01 10",
            "1.7.2025,2025-07-01 10",
            "days.csv, line 2: business_date “1.7.2025” is not a date such as 2024-05-29.",
        ),
        (
            "days.csv",
            "1,2025-07-01,2025-07-01 10:00:00",
            "1,2025-07-01,2025-07-01 11:00:00",
            "days.csv, line 3: day 1 has another date or other hours above.",
        ),
        ("lines.csv", "Bitter pint", '"Bitter" pint', "lines.csv, line 2: this cannot be read as CSV"),
    ],
)
def test_a_bad_cell_is_named_with_its_file_and_line(
    tmp_path: Path, file: str, old: str, new: str, sentence: str
) -> None:
    change(good(tmp_path) / file, old, new)
    assert refusal(tmp_path).startswith(sentence)


def test_a_missing_file_or_folder_is_named(tmp_path: Path) -> None:
    folder = good(tmp_path / "bar")
    (folder / "days.csv").unlink()
    (folder / "menu.csv").unlink()
    assert refusal(folder) == (
        f"{folder} has no menu.csv, days.csv. Recorded trading is the files "
        "departments.csv, menu.csv, days.csv, lines.csv, payments.csv."
    )
    assert refusal(tmp_path / "nowhere") == f"There is no folder {tmp_path / 'nowhere'}."


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (good(tmp_path) / "lines.csv").write_text("\n")
    assert refusal(tmp_path) == "lines.csv is empty."


def test_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    file = good(tmp_path) / "lines.csv"
    file.write_bytes(file.read_bytes().replace(b"Crisps", "Crisps ½".encode("latin-1")))
    assert refusal(tmp_path) == "lines.csv, line 3: this is not UTF-8 text; save the file as CSV UTF-8."


def test_a_byte_order_mark_blank_lines_and_further_columns_do_no_harm(tmp_path: Path) -> None:
    folder = good(tmp_path)
    plain = read_trading(folder)
    for name in ("lines.csv", "payments.csv", "menu.csv", "departments.csv", "days.csv"):
        rows = (folder / name).read_text(encoding="utf-8").splitlines()
        text = "\r\n\r\n".join([rows[0] + ",note", *(row + ',"a, b"' for row in rows[1:])])
        (folder / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    trading = read_trading(folder)
    assert [sale.tenders for sale in trading.sales] == [{"CASH": 720}]
    assert trading.items == plain.items
    assert trading.days == plain.days


def test_a_sale_that_names_nobody_is_refused_and_one_that_names_somebody_once_is_not(tmp_path: Path) -> None:
    bar = Bar()
    bar.sell("1", "Crisps", 1, "1.20", user="", department="50")
    bar.pay("1", "CASH", "1.20", user=7)
    assert read_trading(bar.write(tmp_path)).sales[0].user == 7
    bar.sell("2", "Crisps", 1, "1.20", user="", department="50")
    assert refusal(bar.write(tmp_path)) == "Sale 2 of day 1 names no user_id in any of its rows."


def test_a_day_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TradingFileError, match=r"^There is no day 7 in these files; they have 1, 2\.$"):
        read_trading(good(tmp_path), [2, 7])


def test_figures_are_read_exactly(tmp_path: Path) -> None:
    trading = read_trading(odd_bar().write(tmp_path))
    sale = next(sale for sale in trading.sales if sale.id == "overnight")
    assert sale.lines[0].at == datetime(2025, 7, 1, 23, 50, 0, 250_000)  # noqa: DTZ001 - the files' own clock
    assert (total4_of(sale), paid_of(sale)) == (48_000, 480)
    assert all(balances(sale) for sale in trading.sales)
    assert users_of(trading) == [4, 5, 6]


def test_an_item_that_only_lines_name_has_the_price_that_it_was_sold_at_most(tmp_path: Path) -> None:
    bar = Bar()
    for quantity, price in ((1, "3.00"), (5, "2.50"), (2, "3.00")):
        bar.sell(price + str(quantity), "Perry", quantity, price)
    perry = read_trading(bar.write(tmp_path)).items[-1]
    assert (perry.name, perry.department, perry.price4) == ("Perry", "10", 25_000)


#: Cells as a hand, a spreadsheet or a broken export writes them, beside random ones.
ODD: Final = (
    *("", " ", "-1", "0", "1e9", "NaN", "inf", "1,50", "٣", "²", "½", "9" * 400, "4.800001", "-0.00", "+1", "0x1"),
    *("2025-02-30", "2025-07-01 24:00:00", "0000-00-00", "2025-07-01T12:00:00Z", "9999-12-31 23:59:59", "S", "V"),
    *("\x1b[31m", "=1+1", "\u202e", "\x00", '"', "a\nb", "[red]", "\ud7ff", "\u2028"),
)


@settings(max_examples=3 * settings().max_examples)
@given(data=st.data())
def test_any_cell_reads_or_is_refused_in_one_sentence_with_its_line(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = good(tmp_path_factory.mktemp("bar"))
    file = data.draw(st.sampled_from(sorted(COLUMNS)))
    with (folder / file).open(encoding="utf-8", newline="") as before:
        table = list(csv.reader(before))
    row = data.draw(st.integers(1, len(table) - 1))
    column = data.draw(st.integers(0, len(table[row]) - 1))
    table[row][column] = data.draw(st.sampled_from(ODD) | st.text(st.characters(codec="utf-8"), max_size=30))
    with (folder / file).open("w", encoding="utf-8", newline="") as after:
        csv.writer(after).writerows(table)
    try:
        trading: Trading | str = read_trading(folder)
    except TradingFileError as problem:
        trading = problem.sentence
    if isinstance(trading, str):
        assert trading.isprintable()
        assert "\n" not in trading
        # A row of a sale or a menu may be refused for the row that names it, in another file, or for the whole sale.
        assert re.search(r"\.csv(, line \d+)?:|^Sale .* of day \d+ names no user_id|^There is no", trading), trading


@settings(max_examples=2 * settings().max_examples)
@given(raw=st.binary(max_size=300), file=st.sampled_from(sorted(COLUMNS)))
def test_bytes_that_are_no_table_are_refused_in_one_sentence(
    raw: bytes, file: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = good(tmp_path_factory.mktemp("bar"))
    (folder / file).write_bytes(raw)
    message = refusal(folder)
    assert message.isprintable()
    assert file in message
