"""The light of the status bar in a symbol and a person's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.ports import Light, LightState
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import StyledText

if TYPE_CHECKING:
    from till.domain.venue import Venue


def light_said(light: Light, venue: Venue, *, brief: bool = False) -> StyledText:
    """The light in a symbol and a person's words; `brief` where there is no room for advice."""
    match light.state:
        case LightState.SAVED:
            return StyledText(_("saved"), Mark.SAVED.role, mark=Mark.SAVED)
        case LightState.SAVING:
            return StyledText(_("saving"), mark=Mark.SAVING)
        case LightState.SAVED_HERE:
            return StyledText(_("saved here, {count} to send").format(count=light.unsent), mark=Mark.HERE)
        case LightState.OFFLINE:
            since = venue.local(light.since).strftime("%H:%M") if light.since else ""
            words = _("offline since {time}, keep selling").format(time=since) if since else _("offline, keep selling")
            if brief:
                words = _("offline since {time}").format(time=since) if since else _("offline")
            return StyledText(words, Tone.WARN, bold=True, mark=Mark.OFFLINE)
        case LightState.ATTENTION:
            return StyledText(_("needs attention"), Tone.BAD, bold=True, mark=Mark.ATTENTION)
