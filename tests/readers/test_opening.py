"""Readers that the package names: each opens by the call that every tender has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from till.config import TenderConfig
from till.wiring import tenders
from till.wiring.parts import WallClock

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["stripe", "sumup"])
def test_each_reader_is_opened_by_its_entry_point(tmp_path: Path, kind: str) -> None:
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_text("rk_live_1", "utf-8")
    own = {"affiliate_file": str(key), "app_id": "io.till", "merchant": "MC0X0ABC"} if kind == "sumup" else {}
    tender = TenderConfig(kind=kind, settings={"key_file": str(key), **own})
    assert tenders.open_tender("CARD", tender, till=1, clock=WallClock()).traits.name == "CARD"
