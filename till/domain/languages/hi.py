"""The sentences in हिन्दी. Written by `make generate`, from `hi.po`."""

from typing import Final

# fmt: off

LACKS: Final = 3094
PLURALS: Final[dict[str, tuple[str, str]]] = {
}
SENTENCES: Final[dict[str, str]] = {
}
