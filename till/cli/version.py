"""The answer of `till --version`: the build, and the versions of all that it writes."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import till
from db.schema import OWN
from till.domain.i18n import _
from till.journal.schema import REVISIONS


def version_line() -> str:
    """Return one line: version, build, tables, functions and journal."""
    return _("till {version}, build {build}, tables {tables}, functions {functions}, journal {journal}").format(
        version=till.__version__, build=_build(), tables=OWN.revision, functions=OWN.number, journal=len(REVISIONS)
    )


def _build() -> str:
    """Return the digest in the wheel's version; `checkout` where the program runs from its source, which may change."""
    if Path(till.__file__).parents[1].joinpath("build_version.py").exists():
        return "checkout"
    return metadata.version("till").rpartition("+g")[2]
