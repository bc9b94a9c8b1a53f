"""`till fiscal compare`: the tax authority's own list of a day, asked with the certificate of the venue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from tests.fiscal.authority import SETTINGS
from tests.fiscal.certificates import Signer, demanding
from tests.fiscal.server import Authority, Record
from tests.sql.test_stamps import FISCAL

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg
    import pytest

    from tests.cli.conftest import Shell

STRANGE = Record(SETTINGS["nif"], "1-000666", "03-03-2027", "RegistroAlta", "1", "", "A" * 64, False, "")


def test_difference_is_named_and_waits_for_a_manager(
    staffed: Shell, owner_session: psycopg.Connection[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    law = FISCAL | {"scheme": "es-verifactu", "settings": SETTINGS}
    owner_session.execute(
        "UPDATE till.settings SET body = body || %s WHERE name = 'settings'", [Jsonb({"fiscal": law})]
    )
    signer, authority = Signer(tmp_path, "signer"), Authority()
    certificate = signer.sign("venue")
    certificate.chmod(0o600)
    monkeypatch.setenv("SSL_CERT_FILE", str(signer.file))
    monkeypatch.setenv("TILL_FISCAL__CERTIFICATE", str(certificate))
    staffed.become(9)
    with demanding(authority, signer.context()) as address:
        monkeypatch.setenv("TILL_FISCAL__SERVICE", address)
        assert "The 0 invoices that the tax authority lists" in staffed.ok("fiscal", "compare", "2027-03-03")
        authority.taken.append(STRANGE)
        for _time in range(2):
            found = staffed("fiscal", "compare", "2027-03-03")
            assert found.code == 1
            assert found.out == "1-000666: the tax authority lists it, and the venue has no such invoice.\n"
    waiting = staffed.ok("admin", "quarantine", "list")
    assert waiting.count("The tax authority's list of 2027-03-03 differs") == 1
