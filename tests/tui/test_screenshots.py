"""The pictures of the README, drawn from the screens with their text."""

from __future__ import annotations

import dataclasses
import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from till.cli.demo_venue import demo_reference

if TYPE_CHECKING:
    from types import ModuleType

_CHAR = 12.2
_TEXT = re.compile(r'<text class="terminal-\d+-(r\d+)" x="([\d.]+)" y="([\d.]+)" textLength[^>]*>([^<]*)</text>')


@pytest.fixture
def screenshots(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / "screenshots.py"
    spec = spec_from_file_location("screenshots", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "screenshots", module)
    spec.loader.exec_module(module)
    return module


async def test_every_screen_of_a_training_says_so(
    screenshots: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = demo_reference()
    settings = {**reference["settings"], "training": True}
    monkeypatch.setattr(screenshots, "demo_reference", lambda: {**reference, "settings": settings})
    ways = {(shot.keys, shot.size): shot for shot in screenshots.SHOTS}
    unmarked = [shot.name for shot in ways.values() if "TRAINING" not in await screenshots.draw(shot, tmp_path)]
    assert len(ways) > 15
    assert unmarked == []


async def test_first_screen_of_an_hour_of_training_cuts_nothing_at_80_columns(
    screenshots: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = (
        *("14 rounds of orders.", "Half of them took at most 38 s.", "Left out: notes, names of people:"),
        "Weighed: 2 × Paneer Butter Masala Large, 1 × Mixture, 1 × Banana Chips.",
        "At a price of its own: 3 × Filter Coffee, 2 × Masala Dosa, 1 × Idly, 5 more.",
        "Taken off later: 2 × Medu Vada, 1 × Idly, 1 × Onion Dosa, 1 × Rava Idly, 7 more.",
    )
    monkeypatch.setattr(screenshots, "_HOUR", hour)
    (shot,) = (one for one in screenshots.SHOTS if one.name == "train-hour")
    drawn = await screenshots.draw(dataclasses.replace(shot, size=(80, 24)), tmp_path)
    rows: dict[float, str] = {}
    for _style, _x, y, text in _TEXT.findall(drawn):
        rows[float(y)] = f"{rows.get(float(y), '')} {text}"
    shown = " ".join(" ".join(row.split()) for _y, row in sorted(rows.items())).replace("&#160;", " ")
    assert [sentence for sentence in (*hour, "Sat 28 Feb, 20:00 to 21:00", "Rush") if sentence not in shown] == []


@pytest.mark.parametrize("name", ["help", "void", "desk"])
async def test_no_word_and_no_rule_of_a_picture_is_cut(name: str, tmp_path: Path, screenshots: ModuleType) -> None:
    (shot,) = (one for one in (*screenshots.SHOTS, *screenshots.DESKS) if one.name == name)
    desk = shot in screenshots.DESKS
    drawn = await (screenshots.draw_desk(shot) if desk else screenshots.draw(shot, tmp_path))
    pieces = [(style, float(x), y, text.replace("&#160;", " ")) for style, x, y, text in _TEXT.findall(drawn)]
    assert not [piece for piece in pieces if " " in piece[3]], "a word stands at its own place in every viewer"
    assert "+ or −, Enter: its quantity" in " ".join(piece[3] for piece in pieces) or name != "help"
    cut = [
        (one[3], other[3])
        for one, other in pairwise(pieces)
        if one[::2] == other[::2] and abs(one[1] + _CHAR * len(one[3]) - other[1]) < 1
    ]
    assert len(pieces) > 20
    assert cut == []


def test_each_place_of_the_moving_picture_shows_one_state_at_any_moment() -> None:
    drawn = (Path(__file__).parents[2] / "docs/screens/two-tills.svg").read_text(encoding="utf-8")
    assert len(drawn.encode()) < 1_000_000
    tree = ET.fromstring(drawn)  # noqa: S314 - our own file
    words = {"".join(one.itertext()) for one in tree.iter() if one.tag.endswith("}text")}
    assert {"Killed", "Ravi", "exact."} <= words
    places = 0
    for place in tree.iter():
        states = [(state, turns) for state in place for turns in state if turns.tag.endswith("}animate")]
        if not states:
            continue
        places += 1
        assert sum(state.get("visibility") == "visible" for state, _turns in states) <= 1, "a still viewer shows one"
        changes = [
            (float(at), value)
            for _state, turns in states
            for at, value in zip(turns.get("keyTimes", "").split(";"), turns.get("values", "").split(";"), strict=True)
        ]
        shown = 0
        for _at, value in sorted(changes):  # at one time those that go come first
            shown += 1 if value == "visible" else -1 if _at else 0
            assert shown in {0, 1}
        assert 25 < float((states[0][1].get("dur") or "").removesuffix("s")) < 40
    assert places > 20
