"""The acts that can be typed for the marked tab: merge, move, guests, hand over, and a look at it at a minute."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from till.domain.errors import NoTabError, StoreError
from till.domain.i18n import N_, _, ngettext
from till.domain.order.naming import name_there, tab_name
from till.domain.text import capitalize_first, clean
from till.register.tabs.between import MERGING_AWAY, MOVING_AWAY
from till.register.tabs.names import none_called, number_in, shown_as
from till.register.tabs.open_tabs import tabs_named
from till.tui.screens.sheets.table_at import is_minute, show_at
from till.tui.screens.tabs.recall import at_hand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.venue import TabWords
    from till.register.quick_entry.vocabulary import Vocabulary
    from till.register.register import Register
    from till.register.tabs.open_tabs import OpenTab
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller

#: The acts of the tables in the vocabulary, in the order in which they are tried.
ACTS: Final = ("move_tab", "pieces", "merge", "move", "guests", "hand_over", "at")
_NUMBER: Final = re.compile(r"[0-9]{1,9}\Z", re.ASCII)


NEEDS_NUMBER: Final = N_("Add a number: merge 7, move 9, guests 4, hand over 2.")


class TabAct(NamedTuple):
    """An act with its object, on the marked tab or on the one that `tab` names.

    For `pieces`, a number of an item's pieces, None for all.
    """

    act: str
    of: str
    name: str = ""
    pieces: int | None = None
    tab: str = ""

    @property
    def number(self) -> int:
        """The number that was typed.

        Raises:
            NoTabError: it is not a number.
        """
        if _NUMBER.match(self.of) is None:
            example = _("guests 4") if self.act == "guests" else _("hand over 2")
            raise NoTabError(_("Add a number, as in “{example}”.").format(example=example))
        return int(self.of)


def read_act(typed: str, words: Vocabulary) -> TabAct | None:
    """Return the act that the text asks for; None for a table or a name."""
    for name, slots in words.on("tables").find(" ".join(typed.split()), ACTS):
        of, tab, pieces = slots["of"] or "", slots.get("tab") or "", slots.get("pieces")
        if name == "at" and not is_minute(of):
            continue
        if name != "move_tab":
            return TabAct(name, of, slots.get("thing") or "", int(pieces.strip(" xX×")) if pieces else None)
        if number_in(tab):
            return TabAct("move", of, tab=tab)
    return None


def is_unfinished(typed: str, words: Vocabulary) -> bool:
    """Return True if the text is an act without its object, or without the space before it. No tab has that name."""
    found = words.on("tables").find(" ".join(typed.split()), ("unfinished",))
    return read_act(typed, words) is None and next(found, None) is not None


def describe_act(act: TabAct, name: str, of: str) -> str:
    """Describe the effect of Enter on the tab called `name`; `of` is the tab, person or number in the act."""
    if act.act == "guests":
        sentence = ngettext("Enter: {of} guest sits at {name}.", "Enter: {of} guests sit at {name}.", act.number)
        return sentence.format(of=act.number, name=tab_name(name))
    sentences = {
        "merge": _("Enter merges {of} into {name}: one bill."),
        "pieces": _("Enter moves {pieces} {item} from {name} to {of}."),
        "move": _("Enter moves {name} to {of}."),
        "at": _("Enter shows {name} as it was at {of}."),
        "hand_over": _("Enter hands {name} over to {of}."),
    }
    pieces = _("all") if act.pieces is None else str(act.pieces)
    return sentences[act.act].format(name=tab_name(name), of=clean(of), pieces=pieces, item=clean(act.name))


def why_away(act: TabAct) -> str:
    """Return the sentence for an act that needs the server while it cannot be asked; empty for one that does not."""
    return _({"merge": MERGING_AWAY, "pieces": MOVING_AWAY}.get(act.act, ""))


async def carry_out(
    controller: Controller, screen: TillScreen, act: TabAct, tab: OpenTab, tabs: Sequence[OpenTab]
) -> str | None:
    """Carry out an act on a tab. Return a sentence with its result; None if that is shown over the screen.

    Raises:
        TillError: it is refused.
    """
    if act.act == "at":
        show_at(controller, screen, tab.session_id, act.of)
        return None
    if act.act not in {"merge", "pieces"}:
        async with at_hand(controller, tab):
            return _done_to(controller.register, act, tab, tabs)
    other = tab_called(act.of, tabs, controller.register.venue.tabs)
    async with at_hand(controller, tab, other, away=why_away(act)):
        return await _done_with(controller, act, tab, other)


async def _done_with(controller: Controller, act: TabAct, tab: OpenTab, other: OpenTab) -> str:
    """Merge two tabs, or move pieces from one to the other."""
    register, store = controller.register, controller.answering
    if act.act == "pieces":
        async with controller.asking():
            has = await register.between.move_pieces(store, tab, act.name, act.pieces, other)
        sentence = _("{other} has them now: {size}.")
        return capitalize_first(sentence.format(other=tab_name(other.name), size=register.answers.size(has)))
    async with controller.asking():
        merged = await register.between.merge(store, tab, other)
    sentence = _("{other} is on {name} now: {size}.")
    return capitalize_first(
        sentence.format(other=tab_name(other.name), name=name_there(merged, merged), size=register.answers.size(merged))
    )


def _done_to(register: Register, act: TabAct, tab: OpenTab, tabs: Sequence[OpenTab]) -> str:
    """Change the table, the number of guests or the user of a tab."""
    name = tab_name(tab.name)
    match act.act:
        case "move":
            was = register.ledger.order(tab.session_id)
            register.tabs.change_table(tab, act.of, tabs)
            other = name_there(was, register.ledger.order(tab.session_id))
            return capitalize_first(_("{name} moved to {other}.").format(name=name, other=other))
        case "guests":
            register.tabs.set_covers(tab, act.number)
            sentence = ngettext("{n} guest sits at {name}.", "{n} guests sit at {name}.", act.number)
            return sentence.format(n=act.number, name=name)
        case _:
            register.tabs.hand_over(tab, act.number)
            who = clean(register.reference.name_of(act.number)) or str(act.number)
            return capitalize_first(_("{name} is {who}'s now.").format(name=name, who=who))


def tab_called(typed: str, tabs: Sequence[OpenTab], words: TabWords) -> OpenTab:
    """Return the open tab that a number or name means.

    Raises:
        NoTabError: none is open under that name, or several are.
    """
    found = tabs_named(typed, tabs)
    if not found:
        raise NoTabError(none_called(typed, words))
    if len(found) > 1:
        sentence = _("{count} {tabs} are like {name}: type the whole name.")
        raise NoTabError(sentence.format(count=len(found), tabs=words.plural, name=shown_as(typed, words)))
    return found[0]


async def open_tabs(controller: Controller) -> list[OpenTab]:
    """Return the open tabs of all tills; if the server does not answer, those that this till knows."""
    listed = controller.register.open_tabs
    if (store := controller.answering) is None:
        return listed.local()
    try:
        rows = await store.open_tabs()
    except StoreError:
        return listed.local()
    return listed.hear(rows)
