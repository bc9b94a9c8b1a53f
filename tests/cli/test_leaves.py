"""Commands of leaves, and a till whose leaves are gone."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from till.cli import leaves
from till.cli.running import make_app
from till.config import TenderConfig
from till.domain.errors import ConfigError
from till.wiring import tenders
from till.wiring.parts import WallClock

GONE = "till.no_such_leaf.command"


def test_a_command_of_a_leaf_that_is_gone_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    monkeypatch.setattr(leaves, "COMMANDS_OF_LEAVES", {("report", "payouts"): GONE})
    leaves.add_commands(app, "report")
    assert app.registered_commands == []
    monkeypatch.setattr(leaves, "_READERS", GONE)
    assert leaves.list_comparison() is None


def test_a_way_to_pay_of_a_leaf_that_is_gone_is_no_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    named = [EntryPoint(name, f"{module}:open_it", tenders.GROUP) for name, module in (("ebb", GONE), ("own", "own"))]

    def found(**asked: Any) -> list[EntryPoint]:
        return [one for one in named if one.matches(**asked)]

    monkeypatch.setattr(tenders, "entry_points", found)
    with pytest.raises(ConfigError, match=r"there is no kind ebb. There are: hand, server, own."):
        tenders.open_tender("CARD", TenderConfig(kind="ebb"), till=1, clock=WallClock())
