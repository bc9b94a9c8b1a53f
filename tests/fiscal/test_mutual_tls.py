"""A service that demands the certificate of the venue, over TLS, and the words on one that it refuses or that ends."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.fiscal.certificates import DAY, Signer, demanding
from tests.fiscal.server import Authority
from tests.fiscal.test_sending import Chain, Few, Venue
from till.administration.sending import describe_end
from till.wiring.fiscal import FiscalSender, post_records

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

NOON = datetime(2027, 3, 3, 12, tzinfo=UTC)


def posting(address: str, context: ssl.SSLContext) -> Callable[[str, bytes], Awaitable[tuple[int, bytes]]]:
    return lambda _group, body: post_records(address, body, context, 10)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_records_go_with_the_certificate_that_the_service_demands(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    signer, stranger = Signer(tmp_path, "signer"), Signer(tmp_path, "stranger")
    context, authority = signer.context(), Authority()
    context.maximum_version = version
    certificates = {
        "certificate expired": signer.sign("ended", -DAY),
        "unknown ca": stranger.sign("strange"),
        "": signer.sign("venue"),
    }
    with demanding(authority, context) as address:
        for words, file in certificates.items():
            venue, client = Venue(), ssl.create_default_context(cafile=str(signer.file))
            client.load_cert_chain(file)
            venue.stamps.append(Chain(1).sell())
            await FiscalSender(venue, Few(), posting(address, client)).step()
            message = f"No answer (it refuses the certificate of this machine: {words})." if words else ""
            assert (venue.trouble, len(venue.answers)) == (message, 0 if words else 1)
    assert len(authority.taken) == 1


@pytest.mark.parametrize(("left", "words"), [(31, ""), (29, "ends"), (0, "ended"), (-1, "ended")])
def test_the_end_of_a_certificate_is_told_a_month_before(left: int, words: str) -> None:
    notices = describe_end(NOON + left * DAY, NOON, lambda at: f"{at:%d.%m.}")
    sentences = [one.sentence for one in notices if one.remedy]
    assert sentences == [f"The certificate for the tax authority {words} {NOON + left * DAY:%d.%m.}."] * bool(words)
