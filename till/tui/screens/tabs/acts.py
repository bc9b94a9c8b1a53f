"""What words do to the tab that is marked: merge another into it, another table, its guests, another person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from till.domain.errors import NoTabError, StoreError, TillError
from till.domain.i18n import _, ngettext
from till.domain.text import begun, clean
from till.ports import LightState
from till.register.tabs.names import label_of
from till.register.tabs.open_tabs import tabs_named
from till.tui.screens.tabs.recall import fetch
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.register.tabs.open_tabs import OpenTab
    from till.tui.shell.controller import Controller, Scene

_WORDS: Final = re.compile(r"\s*(?P<act>merge|move|guests|hand\s+over)\s+(?P<of>\S.*?)\s*\Z", re.IGNORECASE)
#: `move 2 tea to 9`: pieces of an item, and where they go; `move 9` is another table for all of it.
_PIECES: Final = re.compile(
    r"\s*move\s+(?:(?P<pieces>[0-9]{1,4})\s*(?:[x×]\s*)?)?(?P<name>[^\s0-9].*?)\s+to\s+(?P<of>\S.*?)\s*\Z",
    re.IGNORECASE,
)
#: Such a word without what it is about, or without the space before that.
_ALONE: Final = re.compile(r"\s*(?:merge|move|guests|hand\s+over)\s*[0-9]*\s*\Z", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[0-9]{1,9}\Z", re.ASCII)


HALF_SAID: Final = _("Say what it is about, with a space: merge 7, move 9, guests 4, hand over 2.")


class TabAct(NamedTuple):
    """One of `merge`, `move`, `guests` and `hand over`, and with what; or `pieces`, so many (None: all) of an item."""

    act: str
    of: str
    name: str = ""
    pieces: int | None = None

    @property
    def number(self) -> int:
        """The number that was typed.

        Raises:
            NoTabError: it is none.
        """
        if _NUMBER.match(self.of) is None:
            example = _("guests 4") if self.act == "guests" else _("hand over 2")
            raise NoTabError(_("Type a number behind it, as in “{example}”.").format(example=example))
        return int(self.of)


def read_act(typed: str) -> TabAct | None:
    """What words ask for; None for what is a table or a name."""
    if (found := _PIECES.match(typed)) is not None:
        return TabAct("pieces", found["of"], found["name"], int(found["pieces"]) if found["pieces"] else None)
    found = _WORDS.match(typed)
    return TabAct(" ".join(found["act"].lower().split()), found["of"]) if found else None


def is_half_said(typed: str) -> bool:
    """Whether a word for an act stands there, and not what it is about: no tab is called so."""
    return read_act(typed) is None and _ALONE.match(typed) is not None


def told(act: TabAct, name: str, of: str) -> str:
    """What an Enter will do to the tab called `name`, and to or with whom or what: `of`."""
    if act.act == "guests":
        said = ngettext("Enter: {of} guest sits at {name}.", "Enter: {of} guests sit at {name}.", act.number)
        return said.format(of=act.number, name=clean(name))
    sentences = {
        "merge": _("Enter puts {of} on {name}: one bill."),
        "pieces": _("Enter moves {pieces} {item} from {name} to {of}."),
        "move": _("Enter moves {name} to {of}."),
        "hand over": _("Enter hands {name} over to {of}."),
    }
    pieces = _("all") if act.pieces is None else str(act.pieces)
    return sentences[act.act].format(name=clean(name), of=clean(of), pieces=pieces, item=clean(act.name))


async def do(controller: Controller, scene: Scene, act: TabAct, tab: OpenTab, tabs: Sequence[OpenTab]) -> bool:
    """Do it, and say so in the answer line; a refusal is said there too. Give whether it was done."""
    try:
        scene.message = plain(await _done(controller, act, tab, tabs))
    except TillError as problem:
        scene.message = refusal(problem.sentence)
        return False
    return True


async def _done(controller: Controller, act: TabAct, tab: OpenTab, tabs: Sequence[OpenTab]) -> str:
    register, name = controller.register, clean(tab.name)
    await fetch(controller, tab.session_id)
    match act.act:
        case "merge":
            other = tab_called(act.of, tabs)
            await fetch(controller, other.session_id)
            merged = register.tabs.merge(tab, other)
            said = _("{other} is on {name} now: {size}.")
            return begun(said.format(other=clean(other.name), name=name, size=register.answers.size(merged)))
        case "pieces":
            other = tab_called(act.of, tabs)
            await fetch(controller, other.session_id)
            has = register.tabs.move_pieces(tab, act.name, act.pieces, other)
            said = _("{other} has them now: {size}.")
            return begun(said.format(other=clean(other.name), size=register.answers.size(has)))
        case "move":
            new = register.tabs.change_table(tab, act.of, tabs)
            return begun(_("{name} is {other} now.").format(name=name, other=clean(new.name)))
        case "guests":
            register.tabs.set_covers(tab, act.number)
            said = ngettext("{n} guest sits at {name}.", "{n} guests sit at {name}.", act.number)
            return said.format(n=act.number, name=name)
        case _:
            register.tabs.hand_over(tab, act.number)
            who = clean(register.reference.name_of(act.number)) or str(act.number)
            return begun(_("{name} is {who}'s now.").format(name=name, who=who))


def none_called(typed: str, label: str) -> str:
    """Say that no tab is open under what was typed; `label` is the same as a tab is called."""
    said = _("No tab is called {name}.") if label == clean(typed) else _("No {name} is open.")
    return said.format(name=clean(label))


def tab_called(typed: str, tabs: Sequence[OpenTab]) -> OpenTab:
    """The open tab that a number or a name means.

    Raises:
        NoTabError: none is open under that name, or several are.
    """
    found = tabs_named(typed, tabs)
    label = label_of(typed)
    if not found:
        raise NoTabError(none_called(typed, label))
    if len(found) > 1:
        sentence = _("{count} tabs are called something like {name}: type the whole name.")
        raise NoTabError(sentence.format(count=len(found), name=clean(label)))
    return found[0]


async def open_tabs(controller: Controller) -> list[OpenTab]:
    """The tabs of all tills; those that this till knows while the others cannot be asked."""
    listed, store = controller.register.open_tabs, controller.store
    if store is None or controller.register.light.state is LightState.OFFLINE:
        return listed.local()
    try:
        return listed.merged(await store.open_tabs())
    except StoreError:
        return listed.local()
