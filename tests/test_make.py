"""`make setup` tells a person who waits that it will take a while, and is silent when there is nothing to do."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: Makes a virtual environment in which every command succeeds at once.
PYTHON = """#!/bin/sh
mkdir -p .venv/bin && printf '#!/bin/sh\\nexit 0\\n' > .venv/bin/python && chmod +x .venv/bin/python
"""


def test_the_first_setup_says_that_it_takes_a_while(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    python = tmp_path / "python"
    python.write_text(PYTHON)
    python.chmod(0o700)

    def printed() -> str:
        command = ["make", "--no-print-directory", "setup", f"PYTHON={python}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stderr

    assert printed() == "Setting up the first time: some minutes.\n"
    assert printed() == ""
    os.utime(tmp_path / ".venv" / ".made-from-lock", (1, 1))  # long before the lock: no clock ticks too slowly for that
    assert printed() == "Setting up what has changed.\n"
