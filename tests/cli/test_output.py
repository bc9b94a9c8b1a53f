"""Files that commands write."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from till.cli.output import print_table, write_file

if TYPE_CHECKING:
    from pathlib import Path


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_no_cell_is_cut_and_an_id_stays_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("sys.stdout", out := Screen())
    ident = "01a22194-6935-7d26-a7bc-2b9b21cd61e7"
    print_table(["Opened", "Who", "Id"], [["2026-11-28 10:30", "Wolfeschlegelsteinhausen", ident]], whole=(2,))
    assert ident in out.getvalue()
    assert "…" not in out.getvalue()


@pytest.mark.parametrize(("err", "shown"), [(Screen(), "Wrote {file}.\n"), (io.StringIO(), "")])
def test_a_terminal_shows_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, err: io.StringIO, shown: str
) -> None:
    monkeypatch.setattr("sys.stderr", err)
    write_file(str(tmp_path / "one.csv"), "text")
    assert err.getvalue() == shown.format(file=tmp_path / "one.csv")
