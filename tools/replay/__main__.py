"""`python -m tools.replay`: ring recorded trading through the register, and compare it with the database."""

from __future__ import annotations

import sys

from till.cli.main import run_module
from tools.replay import NAME

if __name__ == "__main__":
    sys.exit(run_module(NAME, "tools.replay.command", sys.argv[1:]))
