"""The style sheet of Textual: applied to a screen once, and again when the theme has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.color import Color
from textual.css.stylesheet import Stylesheet

from tests.tui.playing import LOG_IN, a_till
from till.tui.drawing.palette import Depth, Paint, Tone
from till.tui.drawing.widgets.sheet import Sheet

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from textual.dom import DOMNode


async def test_a_screen_that_comes_back_is_styled_only_if_the_theme_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    styled: list[DOMNode] = []
    apply = Stylesheet.apply

    def noted(sheet: Stylesheet, node: DOMNode, **more: Any) -> None:
        styled.append(node)
        apply(sheet, node, **more)

    monkeypatch.setattr(Stylesheet, "apply", noted)
    async with a_till(tmp_path, typed=LOG_IN + "tea{enter}{f9}") as till:
        pay = till.app.screen
        await till.type("{escape}")
        sell = till.app.screen
        styled.clear()
        await till.type("{f9}{enter}tea{enter}{f9}")
        assert not styled
        assert till.app.screen is pay
        for theme in ("light", "contrast", "dark"):
            paint = Paint(theme, Depth.TRUE)
            till.app.repaint(paint)  # while the sell screen is neither in front nor below
            await till.settle()
            ground = Color.parse(paint.colour(Tone.BG))
            assert sell not in till.app.screen_stack
            await till.type("{escape}")
            assert till.app.screen is sell
            assert {screen.styles.background for screen in till.app.screen_stack} == {ground}
            await till.type("{f1}")
            assert sell.query_one(Sheet).styles.layer == "sheet"  # styled when it is mounted
            await till.type("{f1}{f9}")
            assert till.app.screen is pay
            assert pay.styles.background == ground
