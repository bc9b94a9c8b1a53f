"""Tenders that the package names: each opens by the same call."""

from __future__ import annotations

import importlib
import inspect
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.tenders.terminal.counter import SetClock
from tests.terminal.process import POIID, make_certificate
from till.tenders.gateway import open_gateway
from till.tenders.readers.stripe import open_stripe
from till.tenders.readers.sumup import open_sumup
from till.tenders.terminal import open_terminal

if TYPE_CHECKING:
    from till.ports import Tender

_NAMED: dict[str, str] = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text("utf-8"))[
    "project"
]["entry-points"]["till.tenders"]


@pytest.mark.parametrize("name", sorted(_NAMED))
def test_each_is_opened_by_its_settings_the_tills_name_and_a_clock(name: str) -> None:
    module, _, function = _NAMED[name].partition(":")
    found: Any = getattr(importlib.import_module(module), function)
    assert list(inspect.signature(found).parameters) == ["settings", "sale_id", "clock"]


def test_each_entry_point_opens_a_tender(tmp_path: Path) -> None:
    keys, certificate = tmp_path / "keys", tmp_path / "terminal.pem"
    keys.write_text("rzp_test_1:other", "utf-8")
    keys.chmod(0o600)
    make_certificate(certificate, POIID)
    stripe = tmp_path / "stripe"
    stripe.write_text("rk_live_1", "utf-8")
    stripe.chmod(0o600)
    at = {"address": "https://192.168.1.20", "poiid": POIID, "certificate": str(certificate)}
    opened: list[Tender] = [
        open_terminal(at, sale_id="till-1", clock=SetClock()),
        open_gateway({"key_file": str(keys), "venue": "Till"}, sale_id="till-1", clock=SetClock()),
        open_stripe({"key_file": str(stripe)}, sale_id="till-1", clock=SetClock()),
        open_sumup(
            {"key_file": str(stripe), "affiliate_file": str(stripe), "app_id": "io.till", "merchant": "MC0X0ABC"},
            sale_id="till-1",
            clock=SetClock(),
        ),
    ]
    assert [tender.traits.name for tender in opened] == ["CARD", "UPI", "CARD", "CARD"]
