"""Frozen structs: `replace` for a Struct or a dataclass, with names and types of fields checked by mypy.

Use it in place of `dataclasses.replace`, for which mypy accepts a Struct that fails at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct

if TYPE_CHECKING:
    from dataclasses import replace  # noqa: TID251 - for mypy: the types of msgspec's own accept anything
else:
    import dataclasses

    from msgspec import structs

    def replace(one: Any, **changes: Any) -> Any:
        """Return a copy with some fields changed."""
        if isinstance(one, Struct):
            return structs.replace(one, **changes)
        return dataclasses.replace(one, **changes)  # noqa: TID251 - for a dataclass


class RequestBody(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """The body of an administration request. The database stores it as JSON.

    The checks in SQL are generated from the bounds of the fields (`tools/generating/rules_sql.py`).

    Attributes:
        one_of: sets of fields, of which exactly one must be complete, without fields of the others; empty for no rule.
        one_of_refusal: the error message for `one_of`, as half a sentence.
        sparse: True if defaults are never written, because the body is copied into events unchanged.
    """

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    one_of_refusal: ClassVar[str] = ""
    sparse: ClassVar[bool] = False


__all__ = ["RequestBody", "replace"]
