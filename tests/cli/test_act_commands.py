"""The commands that acts of administration declare."""

from __future__ import annotations

import re
import shlex
import uuid
from typing import TYPE_CHECKING, Final

from till.administration.acts.every import ACTS

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

ID: Final = str(uuid.uuid4())


def test_every_act_is_refused_to_a_cashier(staffed: Shell) -> None:
    staffed.become(1)
    examples = [re.split(r"[;,] |\. ", act.shell)[0] for act in ACTS if act.shell]
    assert {"users disable 3", "tills revoke 2", "bookings cancel ID"} <= {*examples}
    for example in examples:
        message = staffed.refused("admin", *(ID if word == "ID" else word for word in shlex.split(example)))
        assert message.startswith("Number 1 may not do that. It needs a"), example
