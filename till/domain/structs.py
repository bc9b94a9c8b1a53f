"""`replace` of what is frozen, Struct or dataclass, which mypy holds to the names and types of the fields.

`dataclasses.replace` must not be used: mypy takes it for a Struct too, and it fails only when it is run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import replace  # noqa: TID251 - msgspec says that its own takes anything
else:
    import dataclasses

    from msgspec import Struct, structs

    def replace(one: Any, **changes: Any) -> Any:
        """Give the same with some fields changed."""
        if isinstance(one, Struct):
            return structs.replace(one, **changes)
        return dataclasses.replace(one, **changes)  # noqa: TID251 - of a dataclass


__all__ = ["replace"]
