"""The two parts of the tests: `make test` runs quick ones and a path of each long kind, `make test-rest` the others.

The variable `TILL_TESTS` names the part, `quick` or `rest`; without it, and where a path is named, all tests run.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: The rooms whose tests are quick; the files of `tests` itself are too.
QUICK: Final = frozenset(
    {
        "config",
        "devices",
        "domain",
        "fiscal",
        "journal",
        "printing",
        "readers",
        "register",
        "reports",
        "serve",
        "sql",
        "sync",
        "tenders",
        "training",
        "tui",
        "wiring",
    }
)
#: A played path of each long kind, which the quick part has too: a kill, an upgrade, evenings, a phone, a terminal.
PLAYED: Final = frozenset(
    {
        "tests/faults/test_kill.py::test_painted_lines_are_there_again_after_a_kill",
        "tests/upgrade/test_upgrade.py::test_an_upgrade_changes_nothing_that_was_there[0.1.0]",
        "tests/evenings/test_evenings.py::test_an_evening_breaks_no_rule",
        "tests/evenings/test_evenings.py::test_a_served_evening_breaks_no_rule",
        "tests/e2e/test_phones.py::test_a_phone_sells_and_comes_back_to_its_words_without_a_pin",
        "tests/e2e/test_first_paint.py::test_slow_imports_stay_behind_the_first_paint",
    }
)
#: The files and tests of quick rooms that take over a second of processor, theirs or the database's.
HEAVY: Final = frozenset(
    {
        "tests/fiscal/test_es_verifactu.py::test_random_evenings_pass_the_schema_the_lint_and_their_chain",
        "tests/fiscal/test_receipt_codes.py",
        "tests/fiscal/test_sending.py",
        "tests/journal/test_every_byte.py",
        "tests/journal/test_faults.py",
        "tests/reports/test_chromium.py",
        "tests/reports/test_losses_played.py",
        "tests/sql/test_fifteen.py",
        "tests/sql/test_fiscal_process.py",
        "tests/sql/test_ledger.py::test_booking_many_corrections_is_linear_and_a_count_behind_them_is_booked_at_once",
        "tests/sql/test_months.py",
        "tests/sync/test_damaged.py",
        "tests/readers/commands/test_account.py",
        "tests/readers/commands/test_payouts.py",
        "tests/readers/test_evening.py",
        "tests/readers/test_sumup_histories.py::test_money_is_approved_or_named_in_random_histories",
        "tests/tui/drawing/test_row_compositor.py",
        "tests/tui/screens/desk/test_desk.py::test_open_matters_are_seen_at_any_size",
        "tests/tui/screens/login/test_today.py",
        "tests/tui/screens/sell/test_sheets.py::test_a_resize_keeps_every_sheet_and_the_order",
        "tests/tui/screens/tabs/test_words.py",
        "tests/tui/screens/test_hostile.py",
        "tests/tui/screens/test_news.py",
        "tests/tui/test_screenshots.py::test_every_screen_of_a_training_says_so",
        "tests/tui/test_textual_private.py",
    }
)


def is_quick(nodeid: str) -> bool:
    """Return True if the quick part has a test."""
    test = nodeid.partition("[")[0]
    file = test.partition("::")[0]
    room = file.split("/")[1]
    is_played = test in PLAYED or nodeid in PLAYED
    return is_played or ((room in QUICK or room.endswith(".py")) and not {test, file} & HEAVY)


def places(tests: Path, part: str) -> list[Path]:
    """Return the folders and files that have the tests of a part; of all tests, if it is empty."""
    rooms = sorted([*tests.glob("*/"), *tests.glob("test_*.py")])
    if not part:
        return rooms
    quick = part == "quick"
    own = [room for room in rooms if (room.name in QUICK or room.is_file()) is quick]
    # the room of a leaf may be gone
    named = {tests.parent / one.partition("::")[0] for one in (PLAYED if quick else HEAVY)}
    return own + sorted(one for one in named if (tests / one.relative_to(tests).parts[0]).exists())


def rooms_of(config: pytest.Config) -> list[str]:
    """Return the folders and files of the whole run; empty where somebody named a path."""
    whole = not config.option.file_or_dir
    return list(map(str, places(config.rootpath / "tests", _part()))) if whole else []


def _part() -> str:
    return os.environ.get("TILL_TESTS", "")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Collect only what has tests of the part."""
    if _part() and not hasattr(config, "workerinput"):
        config.args = rooms_of(config) or config.args


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of the other part."""
    if (part := _part()) and not config.option.file_or_dir:
        left_out = [item for item in items if is_quick(item.nodeid) != (part == "quick")]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if is_quick(item.nodeid) == (part == "quick")]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say at the end what the quick part left out."""
    if _part() == "quick" and not config.option.file_or_dir:
        terminalreporter.write_line(
            f"Left out: {_words(places(config.rootpath / 'tests', 'rest'))}. make test-rest runs it."
        )


def _words(rest: Iterable[Path]) -> str:
    rooms = [one.name for one in rest if one.is_dir() and any(one.glob("test_*.py"))]
    return f"{', '.join(rooms)}, and the longer tests of other rooms"
