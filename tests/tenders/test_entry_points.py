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
from till.leaves import is_here
from till.tenders.gateway import open_gateway
from till.tenders.terminal import open_terminal

if TYPE_CHECKING:
    from till.ports import Tender

_NAMED: dict[str, str] = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text("utf-8"))[
    "project"
]["entry-points"]["till.tenders"]
#: Those whose folder is here: a leaf may be deleted.
_HERE = {name: path for name, path in _NAMED.items() if is_here(path.partition(":")[0])}


@pytest.mark.parametrize("name", sorted(_HERE))
def test_each_is_opened_by_its_settings_the_tills_name_and_a_clock(name: str) -> None:
    module, _, function = _HERE[name].partition(":")
    found: Any = getattr(importlib.import_module(module), function)
    assert list(inspect.signature(found).parameters) == ["settings", "sale_id", "clock"]


def test_each_entry_point_opens_a_tender(tmp_path: Path) -> None:
    keys, certificate = tmp_path / "keys", tmp_path / "terminal.pem"
    keys.write_text("rzp_test_1:other", "utf-8")
    keys.chmod(0o600)
    make_certificate(certificate, POIID)
    at = {"address": "https://192.168.1.20", "poiid": POIID, "certificate": str(certificate)}
    opened: list[Tender] = [
        open_terminal(at, sale_id="till-1", clock=SetClock()),
        open_gateway({"key_file": str(keys), "venue": "Till"}, sale_id="till-1", clock=SetClock()),
    ]
    assert [tender.traits.name for tender in opened] == ["CARD", "UPI"]
