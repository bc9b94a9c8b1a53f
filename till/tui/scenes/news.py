"""What other tills did to orders, said on the scene that is about it; what nobody can read now is kept for its user."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from till.tui.counter import plain, refusal
from till.tui.scenes.arrival import ended_elsewhere, matters, say_unread
from till.tui.scenes.login import LoginScene
from till.tui.scenes.pay import PayScene
from till.tui.scenes.sell import SellScene

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.domain.order import Order
    from till.ports import Light
    from till.register.unread import Unread
    from till.tui.counter import Counter, Scene
    from till.tui.view import Said


#: So long a sentence is in sight before it counts as read, and so long no key comes before it is said again.
_READ_S: Final = 3.0
_CALM_S: Final = 2.0


@dataclass(slots=True)
class _Fresh:
    """A sentence that was said to a person about an order, since when it is in sight, and how it is said again."""

    order: Order
    user: int
    said: Said
    since: float
    again: str
    passing: bool = False


class News:
    """Watches the register as `till.register.telling.Watcher`.

    A sentence that comes while the screen is locked, shows the login, is somebody else's or takes money for another
    order is kept (`till.register.unread`), and said when its user can read it.

    Args:
        counter: the till.
        on_light: told of each new light.
    """

    def __init__(self, counter: Counter, on_light: Callable[[Light], None]) -> None:
        self._counter = counter
        self._on_light = on_light
        self._owed = False
        self._conflicts = 0
        self._fresh: _Fresh | None = None

    @property
    def _unread(self) -> Unread:
        return self._counter.register.unread

    @property
    def _user(self) -> int:
        """Who is at the till, in front of the screen or away from it while it is locked."""
        person = self._counter.register.access.person
        return person.number if person is not None else 0

    # What becomes of the order in sight, or under the lock.

    def orders_changed(self, session_ids: Sequence[str]) -> None:
        """Events of other tills came. An order that they ended leaves the screen, with the reason said."""
        counter = self._counter
        for scene in (counter.scene, counter.under_lock):
            session_id = getattr(scene, "session_id", None)
            if session_id is None or session_id not in session_ids:
                continue
            ended = ended_elsewhere(counter, session_id)
            if isinstance(scene, SellScene):
                scene.selected = None
            if ended is not None:
                self._leave(scene, session_id, ended)
        self.count_waiting()

    def _leave(self, scene: Scene | None, session_id: str, ended: Said) -> None:
        """Take an order that ended off the screen."""
        counter = self._counter
        hidden = scene is not counter.scene
        order = counter.register.ledger.order(session_id)
        told = ended_elsewhere(counter, session_id, in_sight=False) or ended
        if hidden:
            self._unread.keep(order, told.text, self._user)
        else:
            self._fresh = _Fresh(order, self._user, ended, time.monotonic(), told.text)
        if isinstance(scene, SellScene):
            scene.show_order(None)
            scene.said = None if hidden else ended
        elif hidden:
            counter.under_lock = SellScene(counter, None, None)
        else:
            counter.sell(None, ended)

    def order_taken(self, session_id: str, sentence: str) -> None:
        """Another till took the order over: say so; the order stays in sight, locked, until Esc or the next order."""
        counter = self._counter
        for scene in (counter.scene, counter.under_lock):
            if getattr(scene, "session_id", None) != session_id:
                continue
            if isinstance(scene, SellScene):
                while scene is counter.scene and counter.sheets:
                    counter.close()
                scene.locked(sentence)
            elif scene is counter.scene:
                counter.go(SellScene(counter, session_id, refusal(sentence)))
            else:
                counter.under_lock = SellScene(counter, session_id, refusal(sentence))
        counter.paint()

    def lines_joined(self, order: Order, sentence: str) -> None:
        """What another till had keyed joined an order that goes on here."""
        self._say_of(order, plain(sentence))

    def lines_parted(self, order: Order, sentence: str) -> None:
        """An order goes on in two, here and on another till that was apart."""
        self._say_of(order, refusal(sentence))

    def carried_twice(self, order: Order, sentence: str) -> None:
        """Another till has the same tab open, or was paid for the same lines: it must not be paid on both."""
        self._say_of(order, refusal(sentence))

    def carried_once(self, order: Order, sentence: str) -> None:
        """The same tab is not open twice any more, or a manager settled it."""
        self._say_of(order, plain(sentence))

    def _say_of(self, order: Order, said: Said) -> None:
        counter = self._counter
        scene, hidden = counter.scene, counter.under_lock
        if isinstance(scene, SellScene | PayScene) and scene.session_id == order.id:
            scene.said = said
        elif getattr(hidden, "session_id", None) == order.id:
            self._unread.keep(order, said.text, self._user, passing=True)
        counter.paint()

    # What becomes of orders of a user that are not in sight any more.

    def lines_late(self, order: Order, sentence: str) -> None:
        """Lines keyed here came too late for an order that ended elsewhere, or one cleared here was paid after all."""
        self._say_to(order, sentence, passing=order.is_open)

    def money_waits(self, order: Order, sentence: str) -> None:
        """Money of an order that ended is wrong: a manager settles it."""
        self._say_to(order, sentence, passing=False)

    def _say_to(self, order: Order, sentence: str, *, passing: bool) -> None:
        scene = self._counter.scene
        if isinstance(scene, SellScene) and scene.user == order.user:
            self._fresh = _Fresh(order, order.user, refusal(sentence), time.monotonic(), sentence, passing)
            scene.said = self._fresh.said
            scene.count_waiting()
        else:
            self._unread.keep(order, sentence, order.user, passing=passing)
            self._owed = self._owed or isinstance(scene, PayScene)
        self._counter.paint()

    def look_again(self, calm: float, now: float) -> None:
        """Time passes: what was typed over before anybody could read it is said again once the keys rest.

        Args:
            calm: seconds since the last key.
            now: this machine's monotonic seconds.
        """
        fresh, scene = self._fresh, self._counter.scene
        if fresh is None or self._counter.sheets or isinstance(scene, PayScene):
            return
        if not isinstance(scene, SellScene) or scene.user != fresh.user:
            self._fresh = None
            self._unread.keep(fresh.order, fresh.again, fresh.user, passing=fresh.passing)
        elif scene.said is None or (scene.said is fresh.said and now - fresh.since >= _READ_S):
            self._fresh = None  # read, or put away with Esc
        elif scene.said is not fresh.said and calm >= _CALM_S:
            fresh.said, fresh.since = refusal(fresh.again), now
            scene.said = fresh.said
            self._counter.paint()

    def catch_up(self, scene: Scene) -> None:
        """A scene comes in front: on the sell screen, say what came while money was taken."""
        if self._owed and isinstance(scene, SellScene):
            self._owed = False
            say_unread(self._counter)

    # What all scenes show.

    def count_waiting(self) -> None:
        """How many orders wait may be another number now."""
        scene = self._counter.scene
        if isinstance(scene, SellScene):
            scene.count_waiting()
        self._counter.paint()

    def reference_changed(self) -> None:
        """The menu, the staff or the settings are new."""
        for scene in (self._counter.scene, self._counter.under_lock):
            if isinstance(scene, SellScene | LoginScene):
                scene.read_anew()
        self._counter.paint()

    def light_changed(self, light: Light) -> None:
        """The light is another. Who may settle what is wrong about money hears that there is more of it."""
        more = light.conflicts > self._conflicts
        self._conflicts = light.conflicts
        self._on_light(light)
        person, scene = self._counter.register.access.person, self._counter.scene
        if more and person is not None and isinstance(scene, SellScene):
            scene.said = matters(self._counter, person) or scene.said
            self._counter.paint()
