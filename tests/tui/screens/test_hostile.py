"""Names from outside may hold anything: on every screen they are harmless and as wide as they are drawn."""

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.tui.playing import LOG_IN, Till, a_reference, a_till
from tests.tui.quiet import a_drawn_till
from till.tui.drawing.palette import Depth, Paint

HOSTILE = {
    "escapes": "\x1b[31mRed\x1b[0m\x1b]0;title\x07",
    "controls": "a\x00b\x08c\rd\ne\x7f\x85",
    "markup": "[bold red]Dosa[/bold red] [link=file:///etc]x[/]",
    "bidi": "\u202eesrever\u202c\u2066iso\u2069\u200f",
    "zero width": "Do\u200bsa\u200d\ufeff\u2060",
    "long": "Dosa " * 40,
    "wide": "特製ラーメン定食大盛り無料サービス付き",
    "emoji": "🥘🍛👨‍👩‍👧 Thali",
    "zalgo": "D" + "\u0301\u0300\u0337" * 30 + "osa",
    "surrogate-like": "\ue000\ufffe\U000e0041",
}
SIZES = [(40, 10), (80, 24), (120, 36)]
_BAD = {"Cc", "Cf", "Cs", "Co", "Cn"}


def with_names(name: str) -> dict[str, dict[str, Any]]:
    """Return the demo venue with this name for everything."""
    body = a_reference()
    menu = body["menu"]
    for item in menu["items"]:
        if item["plu"] in {1, 2, 21, 41}:
            item["name"] = f"{name} {item['plu']}"
    for category in menu["categories"]:
        category["name"] = name
    for person in body["staff"]["staff"]:
        person["name"] = name
    label = "".join(char for char in name if unicodedata.category(char) != "Cc")[
        :80
    ].strip()  # settings may hold no more
    body["settings"]["name"] = label
    body["settings"]["tax_number"] = label
    body["settings"]["tills"] = [{"number": 1, "name": label}, {"number": 2, "name": label}]
    return body


def look_harmless(till: Till) -> None:
    """Check that no row is wider than the screen, and no character in it moves or hides anything."""
    width, height = till.app.size
    rows = till.rows()
    assert len(rows) == height
    for row in rows:
        assert {unicodedata.category(char) for char in row} & _BAD == set(), repr(row)
        assert cell_len(row) <= width, repr(row)
        assert "\ufe0f" not in row


def fills_the_screen(till: Till) -> None:
    """Check that what Textual paints is harmless and fills every row."""
    look_harmless(till)
    for strip in till.app.screen._compositor.render_strips():
        assert sum(cell_len(segment.text) for segment in strip) == till.app.size.width, repr(strip.text)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *(pytest.param(name, (80, 24), id=kind) for kind, name in HOSTILE.items()),
        *(pytest.param("".join(HOSTILE.values()), size, id=f"all at {size[0]}") for size in ((40, 10), (120, 36))),
    ],
)
async def test_any_name_is_harmless_on_every_screen(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, reference=with_names(name)) as till:
        seen = [
            *("{down}", "{up}", LOG_IN, "1{enter}", "2 2{enter}", "21{enter}", "{f4}", "{right}", "{escape}"),
            *("{f6}", "{escape}", "{f7}", "1{enter}", "{ctrl+z}", "{f8}"),
        ]
        for keys in seen:
            await till.type(keys)
            look_harmless(till)
        await till.paste(name)
        await till.type("{enter}")
        look_harmless(till)
        await till.type("{escape}" * 2 + "{f8}")
        look_harmless(till)
        await till.type("{escape}" * 3 + "26{enter}{f7}")
        await till.paste(name)
        await till.type("{enter}")
        look_harmless(till)
        for keys in ("26{enter}{f9}", "q", "{enter}", "{f12}", "1{enter}"):
            await till.type(keys)
            look_harmless(till)


@pytest.mark.parametrize("paint", [Paint("light", Depth.SIXTEEN), Paint(depth=Depth.NONE), Paint(plain=True)])
async def test_the_same_on_poorer_terminals(tmp_path: Path, paint: Paint) -> None:
    name = "".join(HOSTILE.values())
    async with a_till(tmp_path, (80, 24), reference=with_names(name), paint=paint) as till:
        for keys in (LOG_IN, "1{enter}", "{f4}", "{escape}", "{f1}", "{escape}", "{f9}", "q", "{enter}"):
            await till.type(keys)
            fills_the_screen(till)


@pytest.mark.parametrize("size", SIZES)
async def test_ten_thousand_pasted_characters(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_till(tmp_path, size, typed=LOG_IN) as till:
        await till.paste("2 idly\x1b[31m\u202e\x00 " * 1000)
        fills_the_screen(till)
        message = "13999 characters pasted, none keyed: a line has 200 at most."
        assert (till.typed(), till.answer()) == ("", message)
        await till.type("x" * 201 + "{enter}")
        assert till.answer() == "That is too long for one entry. Nothing was keyed."
        fills_the_screen(till)
        await till.type("26{enter}")
        assert till.lines() == {"Water 1 l": 1}


BLOCK = "2 idly\r\n\r\n1 dosa\n"


async def test_a_pasted_block_keeps_what_was_typed_and_the_enter_behind_it_takes_no_money(tmp_path: Path) -> None:
    message = "2 lines pasted, none keyed: paste or type one at a time."
    async with a_till(tmp_path, typed=LOG_IN + "2 id") as till:
        await till.paste(BLOCK)
        assert (till.typed(), till.answer(), message in till.text()) == ("2 id", message, True)
        await till.type("{enter}")
        assert (till.typed(), till.answer()) == ("2 id", message)
        await till.type("ly{enter}{f9}")
        await till.paste(BLOCK)
        await till.type("{enter}")
        assert (till.answer(), till.order.paid) == (message, 0)
        await till.type("{enter}")
        assert till.order.paid == 0, "an Enter within a moment of another asks"
        await till.type("{enter}")
        assert till.shown is None
        await till.paste("2 tea\n")
        await till.type("{enter}")
        assert till.lines() == {"Tea": 2}
        for sheet in ("{f8}", "{f10}", "{f7}", "{f12}"):
            await till.type(sheet)
            await till.paste(BLOCK)
            assert till.answer() == message
            await till.type("{escape}")


@pytest.mark.parametrize("typed", ["1000000000 idly", "0 idly", "0.0001 idly", "-1 idly", "99999 idly", "- idly"])
async def test_quantities_that_are_none(tmp_path: Path, typed: str) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + typed + "{enter}") as till:
        assert till.lines() == {}
        assert till.answer().endswith((".", ")."))
        assert till.typed() == typed
