"""The act that changes a setting of the venue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from typing_extensions import override

from till.administration.acts.act import TypedAct
from till.administration.calls import AdministrationError
from till.administration.law import law_data, law_typed
from till.administration.settings import setting_of, setting_text, setting_typed
from till.config import read_value
from till.domain.i18n import N_, _
from till.domain.staff.person import Role
from till.domain.structs import replace
from till.domain.text import clean
from till.domain.venue import read_venue
from till.ports.desk import Prepared
from till.ports.shell import ShellField
from till.reports.words import formats_of

if TYPE_CHECKING:
    from till.administration.calls import AtServer


class _Plan(NamedTuple):
    """A change of a setting: the new value, the display texts of both values, and `changes` if they differ."""

    value: Any
    now: str
    was: str
    changes: bool


class SetSetting(TypedAct, frozen=True):
    """Change a setting at every till at once. Open orders keep the terms they were opened with.

    Attributes:
        key: the setting.
        value: the typed value.
        since: of a law (`fiscal`), the day of the calendar on which it begins to apply.
        was: the display text of the value that was confirmed to be replaced; None without a confirmation.
    """

    shell = N_(
        "settings set business_day_ends 03:30. "
        "till admin settings set rounding '{step = \"0.05\"}'. `till admin settings list` names the settings."
    )
    helped = (("settings · set business_day_ends 03:30 · settings history", N_("The settings of every till")),)
    words = (
        r"set (?P<key>fiscal) (?P<value>.+) from (?P<since>[0-9-]{10})",
        r"set (?P<key>[A-Za-z_]+)(?: (?P<value>.+))?",
    )

    key: Annotated[str, ShellField("KEY", N_("Its name."))]
    value: Annotated[str, ShellField("VALUE", N_("The new value; empty for none."))] = ""
    since: Annotated[str, ShellField("DAY", N_("The day on which a law begins to apply, at midnight."), "--from")] = ""
    was: str | None = None

    @property
    @override
    def needs(self) -> Role:
        return Role.ADMIN if self.key.startswith("manager_") else Role.MANAGER

    @override
    def look_up(self, at: AtServer) -> Prepared:
        plan = self._plan(at)
        orders = (_("Orders"), _("open ones keep their own terms"))
        facts = ((_("Now"), plan.was or _("empty")), (_("Then"), plan.now), orders)
        return Prepared(replace(self, was=plan.was), self.key, facts)

    @override
    def do(self, at: AtServer) -> str:
        plan = self._plan(at)
        if self.was is not None and self.was != plan.was:
            raise AdministrationError(_("Somebody else set it. Esc, and look again."))
        if not plan.changes:
            return _("Nothing changes.")
        at.act("store_settings_v1", {self.key: plan.value} | (law_data(plan.value) if self.key == "fiscal" else {}))
        sentence = _("{key} is {now}, was {was}.") if plan.was else _("{key} is {now}.")
        return sentence.format(key=self.key, now=plan.now, was=plan.was)

    def _plan(self, at: AtServer) -> _Plan:
        """Return the change."""
        before = at.ask("venue")
        point = formats_of(read_venue(before)).point
        if self.key == "fiscal":
            value = law_typed(self.value, self.since, setting_of(before, self.key))
        elif self.since:
            raise AdministrationError(_("Only a law begins on a day: leave --from out."))
        else:
            value = read_value("venue", self.key, setting_typed(self.key, self.value, point))
        read_venue({**before, self.key: value})  # two settings may conflict, such as a coin that the currency lacks
        was = setting_of(before, self.key)
        now, shown_was = (clean(setting_text(self.key, one, point)) for one in (value, was))
        return _Plan(value, now or _("empty"), shown_was, was != value)
