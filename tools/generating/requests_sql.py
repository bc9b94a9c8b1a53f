"""The functions that a till calls, in SQL: `05_types/requests.sql`, one for each that answers a request.

An answer is written by hand, as `(p_auth warm.auth_context, p_request jsonb)`. The function of the same name that a
till calls, with the request as text, checks the till's secret first and refuses a request that cannot be read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_SQL: Final = Path(__file__).parents[2] / "db/sql"
#: The line that begins the answer to a request.
ANSWER: Final = re.compile(
    r"^create or replace function (\S+)\(p_auth warm\.auth_context, p_request jsonb\) returns json$", re.MULTILINE
)
#: The functions that a screen of the kitchen may call, beside the push.
_FOR_KITCHEN: Final = {"till.hello_v1", "till.tell_v1", "till.kitchen_board_v1"}
_HEAD: Final = """\
-- The functions that a till calls (docs/protocol.md, "Reads"): each opens the request and answers it. Generated from
-- the answers in db/sql by tools/generate.py (`make generate`). Do not edit it by hand; lint fails if it differs.
"""
_FUNCTION: Final = """
-- for: app
create or replace function {name}(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, {for_kitchen});
    return coalesce(r.refused, {name}(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;
"""


def requests_sql() -> str:
    """Return the text of the file."""
    names = [name for path in sorted(_SQL.rglob("*.sql")) for name in ANSWER.findall(path.read_text(encoding="utf-8"))]
    return _HEAD + "".join(_FUNCTION.format(name=name, for_kitchen=str(name in _FOR_KITCHEN).lower()) for name in names)
