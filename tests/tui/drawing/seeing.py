"""Reading of screens: a scene shown on a screen of its own, and its cells, colours and rows."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from rich.style import Style
from textual.widget import Widget

from tests.tui.drawing.gallery import SCENES, Gallery, Scene
from till.tui.drawing.widgets.drawn import Drawn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.app import App

NO_STYLE = Style.null()


@asynccontextmanager
async def show(scene: str | Scene) -> AsyncIterator[Gallery]:
    """Run the app of a scene, painted."""
    found = SCENES[scene] if isinstance(scene, str) else scene
    app = Gallery(found)
    async with app.run_test(size=found.size) as pilot:
        await pilot.pause()
        app.pilot = pilot
        yield app


def look(app: App[Any]) -> list[list[tuple[str, Style]]]:
    """Return character and style of every cell."""
    strips = app.screen._compositor.render_strips()
    return [[(char, segment.style or NO_STYLE) for segment in strip for char in segment.text] for strip in strips]


def ink(style: Style) -> str:
    """Return the name of a character's colour."""
    assert style.color is not None
    return style.color.name


def ground(style: Style) -> str:
    """Return the name of the colour behind a character."""
    assert style.bgcolor is not None
    return style.bgcolor.name


def drawn(app: App[Any]) -> list[Drawn[Any]]:
    """Return the widgets of the screen that draw themselves."""
    return [widget for widget in app.screen.walk_children(Widget) if isinstance(widget, Drawn)]


def read(app: App[Any]) -> list[str]:
    """Return the rows as text, without trailing blanks."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]
