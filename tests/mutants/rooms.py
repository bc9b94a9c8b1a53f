"""The rooms whose mutants are drawn, each with the tests that should find them."""

from __future__ import annotations

from typing import Final

from till.leaves import is_here

_DRAWER: Final = "tests/register/test_drawer.py"
#: The plays without a server, and without planted faults.
_WEEKS: Final = "tests/weeks/test_weeks.py::test_a_week_breaks_no_rule"
_PAPERS: Final = "tests/printing/test_printing.py::test_a_history_of_printers_breaks_no_rule"
_SCREENS: Final = "tests/tui/screens/test_screens.py"
#: A room of Python: a folder or a file of `till`, and its folders, files and functions of tests, the nearest first.
PYTHON: Final[dict[str, tuple[str, ...]]] = {
    "domain/money": ("tests/domain/money", "tests/domain/test_bill.py", "tests/domain/order"),
    "domain/order": ("tests/domain/order", "tests/domain/events", "tests/domain/test_bill.py", "tests/register"),
    "domain/refund": ("tests/domain/refund", "tests/domain/order", "tests/register"),
    "domain/payment": ("tests/domain/payment", "tests/domain/order", "tests/register"),
    "domain/shift": (
        *("tests/domain/shift", _DRAWER, "tests/register/test_no_drawer.py", _WEEKS),
        *("tests/register/printing/test_jobs.py", "tests/tui/screens/drawer/test_drawer.py"),
    ),
    "register/payments": ("tests/register/payments", "tests/register", "tests/domain/payment"),
    "register/approvals.py": ("tests/register/test_approvals.py", "tests/register", "tests/domain/staff"),
    "register/refunds.py": ("tests/register/test_refunds.py", "tests/register", "tests/domain/refund"),
    "register/recovery.py": ("tests/register/test_recovery.py", "tests/register", "tests/domain/payment"),
    "register/drawer.py": (
        *(_DRAWER, "tests/register/test_no_drawer.py", "tests/register/test_guest_cash.py", _WEEKS),
        *("tests/wiring/test_shift_carried.py", "tests/tui/screens/drawer/test_drawer.py"),
    ),
    "register/printing": (
        *("tests/register/printing", "tests/register/test_papers.py", _PAPERS),
        *("tests/tui/screens/sell/test_printing.py", "tests/wiring/test_printing.py"),
    ),
    "register/kitchen.py": ("tests/wiring/test_kitchen.py", "tests/wiring/test_board.py", "tests/register"),
    "domain/kitchen": ("tests/domain/kitchen", "tests/domain/order/test_tickets.py", "tests/wiring/test_board.py"),
    "fiscal": (
        "tests/fiscal",
        "tests/register/test_fiscal.py",
        "tests/hostile/test_stolen_stamps.py",
        "tests/cli/test_db.py",
    ),
    "domain/money/combos.py": ("tests/domain/money", "tests/register/test_combos.py"),
    "domain/catalogue/labels.py": ("tests/domain/catalogue/test_labels.py", "tests/register/test_labels.py"),
    "domain/fiscal_sending.py": ("tests/fiscal",),
    "register/left.py": (
        "tests/register/test_left.py",
        "tests/sync/test_left.py",
        "tests/tui/screens/sell/test_left.py",
    ),
    "reports/losses.py": ("tests/reports/test_losses.py", "tests/reports/test_losses_played.py"),
    "serve": ("tests/serve",),
    "journal": ("tests/journal", "tests/domain/events", "tests/register/ledger"),
    "sync/reply_handler.py": ("tests/sync", "tests/register/test_grants.py"),
    "tui/screens/sell": ("tests/tui/screens/sell", _SCREENS),
    "tui/screens/pay": ("tests/tui/screens/pay", "tests/tui/screens/split", _SCREENS),
    "tui/screens/split": ("tests/tui/screens/split", _SCREENS),
    "tui/screens/tabs": ("tests/tui/screens/tabs", _SCREENS),
    "tui/screens/drawer": ("tests/tui/screens/drawer", "tests/tui/screens/sell/test_printing.py"),
}
if is_here("till.readers.command"):
    PYTHON["readers"] = ("tests/readers",)

_CALLERS: Final = (
    "tests/sql",
    "tests/sync",
    "tests/hostile/test_stolen_*.py",
    "tests/hostile/test_floods.py",
    "tests/hostile/test_programs.py",
)
#: A room of SQL: a folder of `db`, and the tests that call its functions.
SQL: Final[dict[str, tuple[str, ...]]] = dict.fromkeys(
    ("sql/10_chain", "sql/20_order", "sql/30_payment", "sql/38_kitchen", "sql/50_online_orders", "sql/85_closed_books"),
    _CALLERS,
)
