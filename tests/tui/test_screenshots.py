"""The pictures of the README, drawn from the screens with their text."""

from __future__ import annotations

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path

import pytest

_CHAR = 12.2
_TEXT = re.compile(r'<text class="terminal-\d+-(r\d+)" x="([\d.]+)" y="([\d.]+)" textLength[^>]*>([^<]*)</text>')


@pytest.mark.parametrize("name", ["help", "void", "desk"])
async def test_no_word_and_no_rule_of_a_picture_is_cut(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(__file__).parents[2] / "docs" / "screenshots.py"
    spec = spec_from_file_location("screenshots", path)
    assert spec is not None
    assert spec.loader is not None
    screenshots = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "screenshots", screenshots)
    spec.loader.exec_module(screenshots)
    (shot,) = (one for one in (*screenshots.SHOTS, *screenshots.DESKS) if one.name == name)
    desk = shot in screenshots.DESKS
    drawn = await (screenshots.draw_desk(shot) if desk else screenshots.draw(shot, tmp_path))
    pieces = [(style, float(x), y, text.replace("&#160;", " ")) for style, x, y, text in _TEXT.findall(drawn)]
    assert any("+ or −, Enter: its quantity" in piece[3] for piece in pieces) or name != "help"
    cut = [
        (one[3], other[3])
        for one, other in pairwise(pieces)
        if one[::2] == other[::2] and abs(one[1] + _CHAR * len(one[3]) - other[1]) < 1
    ]
    assert len(pieces) > 20
    assert cut == []
