"""`replace` of a frozen Struct: msgspec's, which mypy holds to the names and types of the fields as a dataclass's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import replace  # msgspec says that it takes anything
else:
    from msgspec.structs import replace

__all__ = ["replace"]
