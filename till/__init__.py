"""A point-of-sale till for the terminal: every order is on disk before it is on screen."""

from typing import Final

__version__: Final = "0.1.1.dev0"
