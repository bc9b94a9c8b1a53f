"""The act on the settings of the venue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from till.administration.acts.act import TypedAct
from till.administration.calls import AdministrationError
from till.administration.settings import setting_of, setting_text
from till.config import read_value
from till.domain.i18n import _
from till.domain.structs import replace
from till.domain.text import clean
from till.domain.venue import read_venue
from till.ports.desk import Prepared
from till.reports.words import formats_of

if TYPE_CHECKING:
    from till.administration.calls import AtServer


class SetSetting(TypedAct, frozen=True):
    """Change a setting of the venue, as typed, at every till. Open orders keep their terms.

    Attributes:
        was: the value that was confirmed to be replaced, in typed form; None if nobody was asked.
    """

    words = (r"set (?P<key>[A-Za-z_]+)(?: (?P<value>.+))?",)

    key: str
    value: str = ""
    was: str | None = None

    @override
    def look_up(self, at: AtServer, selects: Any) -> Prepared:
        value, was, _changes = self._plan(at)
        told = (_("Orders"), _("open ones keep their own terms"))
        facts = ((_("Now"), clean(was) or _("empty")), (_("Then"), _shown(value)), told)
        return Prepared(replace(self, was=was), self.key, facts)

    @override
    def do(self, at: AtServer) -> str:
        value, was, changes = self._plan(at)
        if self.was is not None and self.was != was:
            raise AdministrationError(_("Somebody else set it. Esc, and look again."))
        if not changes:
            return _("Nothing changes.")
        at.act("store_settings_v1", {self.key: value})
        sentence = _("{key} is {now}, was {was}.") if was else _("{key} is {now}.")
        return sentence.format(key=self.key, now=_shown(value), was=clean(was))

    def _plan(self, at: AtServer) -> tuple[Any, str, bool]:
        """Return the value to keep, the present one in typed form, and true if they differ.

        Raises:
            ConfigError: there is no such setting, or the value is invalid.
            TillError: it conflicts with another setting.
        """
        before = at.ask("venue")
        is_figure = self.key.endswith(("_percent", "_amount"))
        typed = self.value.replace(formats_of(read_venue(before)).point, ".") if is_figure else self.value
        value = read_value("venue", self.key, typed)
        read_venue({**before, self.key: value})  # two settings may conflict, such as a coin that the currency lacks
        was = setting_of(before, self.key)
        return value, setting_text(was), was != value


def _shown(value: Any) -> str:
    return clean(setting_text(value)) or _("empty")
