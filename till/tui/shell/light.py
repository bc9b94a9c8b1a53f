"""The light of the status bar as a symbol and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.structs import replace
from till.ports import Light, LightState, Quality
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import StyledText

if TYPE_CHECKING:
    from till.domain.venue import Venue


def light_text(light: Light, venue: Venue, *, brief: bool = False) -> StyledText:
    """Return the light as a symbol and words; `brief` leaves out advice and the connection, not what the tax lacks."""
    text = _state_text(light, venue, brief=brief)
    if not light.lacks:
        return text
    return replace(text, text=f"{text.text} · {_('tax: {n} to send').format(n=light.lacks)}")


def _state_text(light: Light, venue: Venue, *, brief: bool) -> StyledText:
    match light.state:
        case LightState.SAVED:
            return StyledText(_beside(_("saved"), light, brief=brief), Mark.SAVED.role, mark=Mark.SAVED)
        case LightState.SAVING:
            return StyledText(_beside(_("saving"), light, brief=brief), mark=Mark.SAVING)
        case LightState.SAVED_HERE:
            words = _("saved here, {count} to send").format(count=light.unsent)
            return StyledText(_beside(words, light, brief=brief), mark=Mark.HERE)
        case LightState.OFFLINE:
            since = venue.local(light.since).strftime("%H:%M") if light.since else ""
            words = _("offline since {time}, keep selling").format(time=since) if since else _("offline, keep selling")
            if brief:
                words = _("offline since {time}").format(time=since) if since else _("offline")
            return StyledText(words, Tone.WARN, bold=True, mark=Mark.OFFLINE)
        case LightState.ATTENTION:
            return StyledText(_("needs attention"), Tone.BAD, bold=True, mark=Mark.ATTENTION)


def _beside(words: str, light: Light, *, brief: bool) -> str:
    """Return the words about saving, followed by the connection unless it is good."""
    if brief or light.quality is Quality.GOOD:
        return words
    how = _("slow connection") if light.quality is Quality.DEGRADED else _("very slow connection")
    return f"{words} · {how}"
