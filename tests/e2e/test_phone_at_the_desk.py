"""The till of a phone, made at the desk of its machine; and its end, wherever it was revoked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tests.e2e.terminal import TILL
from till.config import Folders
from till.config.phones import Phones

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue

ADDRESS: Final = {"TILL_SERVE__URL": "https://till.example:8443"}


def test_a_phone_gets_its_till_at_the_desk_and_loses_it_when_it_is_revoked(venue: Venue) -> None:
    venue.open_at(1).wait_for("● saved")
    desk = venue.spawn([TILL, "admin", "watch"], more=ADDRESS).wait_for("all tills are online")
    desk.type("add phone 2 Sunil\r").wait_for("Make till 2 on this machine").press("enter")
    desk.wait_for("Open this on the phone of till 2")
    shown = re.sub(r"\s", "", desk.text)
    found = re.search(r"https://till\.example:8443/#(2-[\w-]{43})Valid", shown)
    assert found is not None, desk.text
    phones = Phones(Folders(venue.folder))
    cookie = phones.redeem(found[1]) or ""
    assert phones.till_of(cookie) == 2
    desk.press("escape").wait_for("Till 2 should take no money")
    till = venue.open_at(2, till=2).wait_for("● saved")
    desk.wait_for("Nothing needs you.")  # it has heard
    assert "revoked" in venue.run("admin", "tills", "revoke", "2").stdout
    till.wait_for(lambda _till: phones.till_of(cookie) is None, deadline=5)
    till.wait_for("revoked")
