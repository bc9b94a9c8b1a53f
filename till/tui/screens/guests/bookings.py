"""Today's bookings: list them, seat the guests at a tab, record no-shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import StoreAwayError, StoreError, TillError
from till.domain.i18n import N_, _, ngettext
from till.domain.order.naming import tab_name
from till.domain.structs import replace
from till.domain.text import capitalize_first, clean
from till.register.other_tills.news import ReferenceChanged, ServerAnswered
from till.register.tabs.names import number_in
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import ChoiceView, KeyView, StyledText, choice
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.messages import esc_back, plain

if TYPE_CHECKING:
    from till.ports import RemoteBooking, Store
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress
    from till.tui.shell.messages import Heard

_NEEDS_SERVER: Final = N_("This needs the server. Key the order; F8 saves it there.")


class BookingSheet(ChoiceSheet):
    """Today's bookings: Enter seats the marked one, at another table if one is typed; Backspace marks a no-show."""

    types = True
    full = True
    columns = Columns(key=2, name=6, detail=34)
    help_rows = (
        ("1-9, Enter", N_("Seat them"), N_("it opens with their name and number")),
        (N_("table 9, Enter"), N_("Seat them elsewhere"), N_("the one that is marked")),
        ("Bksp, Enter", N_("No-show"), N_("they can still be seated later")),
        ("Esc", N_("Back"), N_("nothing changes")),
    )

    def __init__(self, controller: Controller, scene: Selling) -> None:
        super().__init__(controller, scene.screen, _("Bookings today"))
        self._scene = scene
        self._found: list[RemoteBooking] = []
        self._misses = False
        #: Those recorded as no-shows on this sheet, which the database may not know yet.
        self._missed: set[str] = set()
        self._asked = True
        #: True once the list of bookings has arrived.
        self._came = False
        if (store := controller.answering) is None:
            self.message = plain(_(_NEEDS_SERVER))
            return
        self._asked = False
        controller.hold(self._ask(store))

    @override
    def hear(self, news: Heard) -> bool:
        """Ask for the bookings as they are now, in the background. The marked one stays marked."""
        if isinstance(news, ReferenceChanged | ServerAnswered) and (store := self.controller.answering) is not None:
            self.controller.meanwhile(self._ask(store))
        return False

    async def _ask(self, store: Store) -> None:
        try:
            came, chosen = await store.bookings(), self._chosen()
            self._found = [replace(one, status="no_show") if self._is_missed(one) else one for one in came]
            self._came = True
        except StoreAwayError:
            self.message = plain(_(_NEEDS_SERVER))
            return
        except StoreError as problem:
            self.message = plain(problem.sentence)
            return
        finally:
            self._asked = True
        kept = chosen.booking_id if chosen is not None else None
        marks = (one.booking_id == kept if kept else one.status == "booked" for one in self._found)
        self.selected = next((place for place, is_it in enumerate(marks) if is_it), 0)
        self.resize()

    def _is_missed(self, one: RemoteBooking) -> bool:
        return one.booking_id in self._missed and one.status == "booked"

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        """Return the bookings in order of time."""
        marked = self.selected if self._misses else None
        return tuple(self._row(place, one, misses=place == marked) for place, one in enumerate(self._found))

    def _row(self, place: int, one: RemoteBooking, *, misses: bool) -> ChoiceView:
        at = self.controller.register.venue.local(one.at).strftime("%H:%M")
        name = clean(one.name) or one.phone or _("somebody")
        table = _("table {number}").format(number=one.table) if one.table is not None else ""
        guests = ngettext("{n} guest", "{n} guests", one.covers).format(n=one.covers)
        detail = ", ".join(part for part in (guests, table) if part)
        stands = {"seated": _("seated"), "no_show": _("no-show")}.get(one.status, "")
        right = StyledText(_("no-show?"), mark=Mark.NOTICE) if misses else StyledText(stands, Tone.MUTED)
        return choice(str(place + 1), f"{at}  {name}", detail, right)

    @override
    def empty(self) -> tuple[str, ...]:
        if not self._asked:
            return (_("One moment."),)
        return (_("Nobody has booked for today."),) if self._came else (_("Today's bookings are not known here now."),)

    def _chosen(self) -> RemoteBooking | None:
        return self._found[min(self.selected, len(self._found) - 1)] if self._found else None

    @property
    def _sits(self) -> bool:
        """True if the marked guests were seated already."""
        chosen = self._chosen()
        return chosen is not None and chosen.status == "seated"

    @override
    def choose(self, place: int) -> None:
        self.selected = place
        self._act("")

    @override
    def enter(self, typed: str) -> None:
        if self._chosen() is None:
            self.cancel()
        else:
            self._act(typed)

    @property
    def _seated(self) -> str:
        return f"{_('They are already seated.')} {self.controller.register.venue.tabs.listed}"

    def _act(self, typed: str) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        if typed.isdigit():  # meant as the number of a row
            raise TillError(_("There is no booking {number}. For a table: “table {number}”.").format(number=typed))
        if typed and not number_in(typed):
            raise TillError(_("For another table: “table 9”. Esc first to key an item."))
        if chosen.status == "seated":
            raise TillError(self._seated)
        if self._misses and not typed:
            self._miss(chosen)
        else:
            self._seat(chosen, typed)

    def _miss(self, booking: RemoteBooking) -> None:
        if booking.status != "booked":
            raise TillError(_("That is already a no-show."))
        self.controller.register.tabs.miss(booking.booking_id)
        self._missed.add(booking.booking_id)
        missed = replace(booking, status="no_show")
        self._found = [missed if one is booking else one for one in self._found]
        self._misses = False
        self.message = plain(_("{name} did not come.").format(name=clean(booking.name) or booking.phone))

    def _seat(self, booking: RemoteBooking, typed: str) -> None:
        scene, tabs = self._scene, self.controller.register.tabs
        tab = tabs.seat(scene.user, booking, typed)
        self.controller.close()
        guests = ngettext("{n} guest", "{n} guests", booking.covers).format(n=booking.covers)
        who = clean(booking.name) or booking.phone
        facts = ", ".join(part for part in (who, guests) if part)
        sentence = _("{name} is open: {facts}. F8 recalls it.")
        scene.message = plain(sentence.format(name=capitalize_first(tab_name(tab.name)), facts=facts))

    def _press(self, press: KeyPress) -> None:
        if press.key == "backspace" and not self.entry.text and self._found:
            self._misses = not self._misses and not self._sits
            return
        if not press.is_enter:
            self._misses = False
        super()._press(press)

    @override
    def keys(self) -> tuple[KeyView, ...]:
        count = len(self._found)
        if not count:
            return (esc_back(),)
        choose = KeyView(f"1-{count} ↑↓" if count > 1 else "1", _("Choose"))
        return (choose, esc_back()) if self._sits else (choose, KeyView("Bksp", _("No-show")), esc_back())

    @override
    def primary(self) -> KeyView | None:
        if not self._found:
            return KeyView("Enter", _("Back"))
        if self._sits:
            return None
        return KeyView("Enter", _("No-show") if self._misses else _("Seat them"))

    @override
    def hint(self) -> str:
        if self._sits:
            return self._seated
        if self._misses:
            return _("Enter marks them as a no-show.")
        return _("Enter seats them. Or type another table: “table 9”.") if self._found else ""
