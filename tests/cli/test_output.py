"""Files that commands write."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from till.cli.output import write_file

if TYPE_CHECKING:
    from pathlib import Path


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("err", "shown"), [(Screen(), "Wrote {file}.\n"), (io.StringIO(), "")])
def test_a_terminal_shows_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, err: io.StringIO, shown: str
) -> None:
    monkeypatch.setattr("sys.stderr", err)
    write_file(str(tmp_path / "one.csv"), "text")
    assert err.getvalue() == shown.format(file=tmp_path / "one.csv")
