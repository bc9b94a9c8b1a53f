"""Frozen structs: `replace` for a Struct or a dataclass, with names and types of fields checked by mypy.

`dataclasses.replace` must not be used: mypy accepts a Struct there, but it fails at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct

if TYPE_CHECKING:
    from dataclasses import replace  # noqa: TID251 - msgspec says that its own takes anything
else:
    import dataclasses

    from msgspec import structs

    def replace(one: Any, **changes: Any) -> Any:
        """Give the same with some fields changed."""
        if isinstance(one, Struct):
            return structs.replace(one, **changes)
        return dataclasses.replace(one, **changes)  # noqa: TID251 - of a dataclass


class Body(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A body that administration sends to the database, which keeps it as JSON.

    Only the class states the bounds of its fields: SQL takes its checks from there (`docs/generating/rules_sql.py`).

    Attributes:
        one_of: sets of fields of which exactly one must be present, complete, with no field of the others. None if any
            may be.
        one_of_refusal: the refusal for that, as half a sentence.
        sparse: True if it goes into events as it is kept, so that a default is never written.
    """

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    one_of_refusal: ClassVar[str] = ""
    sparse: ClassVar[bool] = False


__all__ = ["Body", "replace"]
