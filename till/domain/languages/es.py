"""The sentences in Español. Written by `make generate`, from `es.po`."""

from typing import Final

# fmt: off

LACKS: Final = 3094
PLURALS: Final[dict[str, tuple[str, str]]] = {
}
SENTENCES: Final[dict[str, str]] = {
}
