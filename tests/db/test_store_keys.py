"""Keys contain the venue, so that a table could be divided by it (docs/past-one-server.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import UniqueConstraint

from db.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Table

#: Tables from before this rule, one of whose keys is an id alone. A new table does not come here.
_WITHOUT_STORE: Final = """
    cold.content_moves_archive cold.contested_sales cold.customer_preferences cold.customer_sessions cold.customer_table
    cold.feedback cold.order_audit cold.order_audit_links cold.order_audit_texts cold.order_contents_archive
    cold.order_item cold.order_line cold.order_payment cold.order_sessions_archive cold.order_source_type
    cold.order_status_history cold.order_type_table cold.orders cold.payment_method_table cold.refund_item cold.refunds
    cold.session_checkout_archive cold.session_payment_intent_archive cold.table_booking_info cold.tender_correction
    cold.tip_correction cold.void_receipts
    hot.session_cart hot.session_preferences hot.session_state hot.session_told
    session.active_sessions session.session_metadata
    simulator.instances simulator.scores
    till.accounts till.act_tokens till.conflicts till.enrolments till.notices till.order_sessions till.program_sessions
    till.programs till.refund_claims till.shift_facts till.shifts till.tabs till.value_movements till.voucher_asks
    till.vouchers
    warm.chain_gaps warm.content_moves warm.erased warm.event_links warm.event_texts warm.journal_head
    warm.order_contents warm.quarantine warm.sale_claims warm.session_checkout warm.session_events
    warm.session_payment_intent
"""


def keys_of(table: Table) -> Iterator[set[str]]:
    """Yield the columns of the primary key and of each unique constraint and index."""
    yield {column.name for column in table.primary_key.columns}
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield {column.name for column in constraint.columns}
    for index in table.indexes:
        if index.unique:
            yield {column.name for column in index.columns}


def test_keys_of_new_tables_contain_the_store() -> None:
    without = {str(table) for table in METADATA.tables.values() if not all("store_id" in key for key in keys_of(table))}
    assert sorted(without - set(_WITHOUT_STORE.split())) == [], "their keys need store_id"
    assert sorted(set(_WITHOUT_STORE.split()) - without) == [], "their keys have store_id now: no longer an exception"
