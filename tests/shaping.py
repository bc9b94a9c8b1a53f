"""The mark of tests that draw letters: without a library of the system Pillow shapes none."""

from __future__ import annotations

from typing import Final

import pytest
from PIL import features

SHAPES: Final = pytest.mark.skipif(
    not features.check("raqm"), reason="Pillow shapes letters with libfribidi0 only: apt-get install libfribidi0"
)
