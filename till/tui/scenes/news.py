"""What other tills did to orders, said on the scene that is about it; what nobody can read now is kept for its user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.tui.counter import plain, refusal
from till.tui.scenes.arrival import ended_elsewhere, matters
from till.tui.scenes.login import LoginScene
from till.tui.scenes.pay import PayScene
from till.tui.scenes.sell import SellScene

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.domain.order.state import Order
    from till.ports import Light
    from till.register.other_tills.unread import Unread
    from till.tui.counter import Counter, Scene
    from till.tui.view import Said


#: So long a sentence is in sight before it counts as read, and so long no key comes before it is said again.
_READ_S: Final = 3.0
_CALM_S: Final = 2.0


class News:
    """Watches the register as `till.register.other_tills.news.Watcher`.

    What a person must know is kept (`till.register.other_tills.unread`) until they have read it. It is said when they
    can read: at once, when the screen is unlocked, at their next login, after money was taken; and again when it was
    typed over.

    Args:
        counter: the till.
        on_light: told of each new light.
    """

    def __init__(self, counter: Counter, on_light: Callable[[Light], None]) -> None:
        self._counter = counter
        self._on_light = on_light
        self._conflicts = 0
        #: What stands on the scene in front, and since when, in monotonic seconds.
        self._seen: Said | None = None
        self._since = 0.0

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
        told = ended_elsewhere(counter, session_id, in_sight=False) or ended
        if isinstance(scene, SellScene):
            scene.show_order(None)
            scene.said = None if hidden else self._with_unread(ended)
        elif hidden:
            counter.under_lock = SellScene(counter, None, None)
        else:
            counter.sell(None, ended)
        self._unread.keep(session_id, told.text, self._user, first="" if hidden else ended.text)

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
            self._unread.keep(order.id, said.text, self._user, passing=True)
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
        self._unread.keep(order.id, sentence, order.user, passing=passing)
        if isinstance(scene, SellScene) and scene.user == order.user:
            scene.said = self._with_unread(None)
            scene.count_waiting()
        self._counter.paint()

    def _with_unread(self, said: Said | None) -> Said | None:
        """What is to be said to who is at the till, behind all that they have not read."""
        told = said.text if said is not None else ""
        if self._unread.is_told(self._user, told):
            return said
        return refusal(f"{self._unread.text(self._user)} {told}".rstrip())

    def look_again(self, calm: float, now: float) -> None:
        """Time passes: what was typed over before anybody could read it is said again once the keys rest.

        Args:
            calm: seconds since the last key.
            now: this machine's monotonic seconds.

        Raises:
            JournalError: the disk refuses what is to be kept or forgotten: it is tried again at the next look.
        """
        scene = self._counter.scene
        if isinstance(scene, SellScene | PayScene) and not self._counter.sheets:
            if scene.said is not self._seen:
                self._seen, self._since = scene.said, now
            if scene.said is not None and now - self._since >= _READ_S:
                self._unread.read(self._user, scene.said.text)
            if isinstance(scene, SellScene) and calm >= _CALM_S:
                self._say_again(scene, now)
        else:
            self._seen = None
        self._unread.save()

    def _say_again(self, scene: SellScene, now: float) -> None:
        if not self._unread.is_told(self._user, scene.said.text if scene.said is not None else ""):
            scene.said = self._seen = self._with_unread(None)
            self._since = now
            self._counter.paint()

    def catch_up(self, scene: Scene) -> None:
        """A scene comes in front: on the sell screen, say what its user has not read."""
        if isinstance(scene, SellScene):
            scene.said = self._with_unread(scene.said)

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
