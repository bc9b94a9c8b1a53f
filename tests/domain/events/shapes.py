"""Good and bad records: one table for the code that writes, the code that reads and the SQL that takes a push."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any, Final, NamedTuple

from till.domain.events.envelope import NO_HASH, SERVER, canonical


class _Absence(Enum):
    """In the place of a value: the field is not there."""

    GONE = "gone"


GONE: Final = _Absence.GONE

ID: Final = "01960a30-5a80-7000-8000-00000000000a"
ORDER: Final = "01960a30-5a80-7000-8000-00000000000b"
LINE: Final = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
OTHER: Final = "6ba7b811-9dad-51d1-80b4-00c04fd430c8"
HASH: Final = "ab" * 32
LAST: Final = "e676ffff-ffff-7fff-bfff-ffffffffffff"
"""The greatest id that a record may have."""

ENVELOPE: Final[dict[str, Any]] = {
    "at": "2026-03-03T05:01:00.000000Z",
    "harmless": False,
    "hold_id": ID,
    "id": ID,
    "journal_id": OTHER,
    "login_session": None,
    "prev_hash": NO_HASH,
    "seq": 1,
    "shift": None,
    "store_id": LINE,
    "stream_id": ORDER,
    "till": 1,
    "user": 1,
    "v": 1,
}

#: The types that the database alone writes.
BY_SERVER: Final = frozenset({
    "order_granted", "order_handed", "order_submitted", "line_cut", "lines_moved", "amounts_fixed", "refused",
    "session_swept", "erased", "conflict_found", "conflict_resolved", "quarantine_resolved", "records_settled",
    "settings_changed", "gateway_order_named", "lines_copied", "lines_withdrawn", "sale_contested", "sale_booked",
    "till_enrolled", "enrolment_made", "fiscal_mend_asked", "fiscal_send_asked", "invoice_annulled", "fiscal_reported",
    "export_made", "codes_set",
    "till_revoked", "till_adopted", "backlog_taken", "program_added", "program_revoked", "user_added", "user_disabled",
    "till_renamed", "user_enabled", "user_unlocked", "user_renamed", "role_set", "language_set", "pin_set",
    "password_set", "stock_kept",
    "till_money_set", "menu_imported", "item_sold_out", "menu_edited", "menu_rated", "menu_scheduled",
    "menu_brought_back",
    "customer_added", "customer_billed", "customer_erased", "promotion_set", "promotion_removed",
    "table_set", "booking_made", "booking_cancelled", "booking_erased",
    "voucher_issued", "voucher_voided", "account_set", "account_paid_off", "account_corrected",
})  # fmt: skip
#: The types that make a hold of an order.
TAKINGS: Final = ("order_opened", "order_granted")

_TAX: Final = {"name": "GST", "rate": "5"}
_ITEM: Final = {
    "item_id": "dosa",
    "item_name": "Masala Dosa",
    "line_id": LINE,
    "price": "80.00",
    "quantity": 1,
    "taxes": [_TAX],
}
_MOVED: Final = {**_ITEM, "till": 1}
_PROMOTION: Final = {
    "name": "3 for 2",
    "amount": "1",
    "price": "0.5",
    "buy": 2,
    "get": 1,
    "pieces": 3,
    "items": ["dosa"],
}
_PLACED_LINE: Final = {
    "line_ids": [LINE], "line_quantities": [1], "item_id": "dosa", "item_name": "Masala Dosa", "quantity": 1,
    "unit_price": "80.00", "subtotal": "80.00", "net": "76.19", "tax": "3.81", "discount": "0.00",
}  # fmt: skip
_PLACED_TAX: Final = {**_TAX, "tax": "3.81"}
_AMOUNTS: Final = {"line_id": LINE, "pieces": 2, "unit_price": "40", "price": "-80.00"}
_PAYMENT: Final = {"payment_id": OTHER, "tender": "cash", "amount": "80.00"}
_RETURN: Final = {**_PAYMENT, "return_id": ID}
_PLACED: Final = {
    "order_id": OTHER, "receipt": "1-000001", "business_date": "2026-03-03", "order_type": "take_away",
    "payment_method": "cash", "currency": "INR", "net": "76.19", "tax": "3.81", "rounding": "0.00", "total": "80.00",
    "lines": [_PLACED_LINE], "payments": [{**_PAYMENT, "change": "20.00"}],
}  # fmt: skip
_OPENED: Final = {
    "user": 1, "currency": "INR", "prices_include_tax": True, "tax_rounding": "line",
    "order_type": "take_away",
}  # fmt: skip
_CONFLICT: Final = {
    "conflict_id": OTHER, "kind": "sold_twice", "subject": OTHER, "amount": "80.00", "currency": "INR",
}  # fmt: skip
_CORRECTED: Final = {
    "order_id": OTHER, "payment_id": OTHER, "was": "CASH", "tender": "CARD", "amount": "80.00",
}  # fmt: skip
_TIP: Final = {
    "order_id": OTHER, "payment_id": OTHER, "was": "25.00", "tip": "5.00", "returned": "20.00", "tender": "CASH",
}  # fmt: skip
_REFUND: Final = {"session_id": ORDER, "receipt": "1-R000001", "tender": "CASH", "amount": "-80.00"}
_REFUND_STARTED: Final = {
    **_REFUND, "order_id": OTHER, "sold": "1-000001", "business_date": "2026-03-03", "payment_id": OTHER,
    "currency": "INR", "net": "-76.19", "tax": "-3.81", "rounding": "0.00",
}  # fmt: skip
_REFUNDED_LINE: Final = {
    "row": 1, "item_id": "dosa", "item_name": "Masala Dosa", "quantity": -1, "amount": "-80.00", "net": "-76.19",
    "tax": "-3.81",
}  # fmt: skip
_ROUNDING: Final = {
    "step": "0.05", "direction": "half_down", "nothing_up_to": "0.02", "of": "bill", "never": ["voucher"],
}  # fmt: skip
_LEVY: Final = {
    "name": "Deposit", "per_piece": "0.25", "included": False, "affects_later": True, "affected_by_earlier": False,
}  # fmt: skip
_CHARGE: Final = {"percent": "12.5", "taxes": [_TAX, _LEVY], "order_types": ["dine_in"]}
_HASH: Final = {"digests": {"reason": HASH}}
_OFF: Final = {"item_name": "Idly", "pieces": -(10**9), "amount": "-80.00", "sent": True}

_SUMS: Final = {
    "sales": {"number": 1, "net": "76.19", "tax": "3.81", "gross": "80.00"}, "refunds": {"number": 1, "amount": "8.00"},
    "taxes": [{"name": "GST", "rate": "5", "net": "76.19", "tax": "3.81"}],
    "categories": [{"category": "", "quantity": -1, "gross": "80.00"}],
    "tenders": [
        {"tender": "CASH", "number": 1, "amount": "80.00", "tips": "1.00", "taken_ahead": "-1.00", "used": "2.00"},
    ],
    "rounding": "-0.10", "tips": "1.00", "taken_ahead": "-1.00", "used": "2.00", "service_charge": "1.00",
    "drawer": [
        {"tender": "CASH", "opening": "0.00", "closing": "80.00", "moved": [{"kind": "payments", "amount": "80.00"}]},
    ],
    "no_sales": 1, "copies": {"number": 1, "amount": "80.00"}, "receipts": {"first": "1-000001", "last": "1-000002"},
}  # fmt: skip

#: Of every type: its stream, the least that its data holds, and the most.
GOOD: Final[dict[str, tuple[str, dict[str, Any], dict[str, Any]]]] = {
    "order_opened": (
        "order",
        _OPENED,
        {**_OPENED, "from_session": ORDER, "ref": "day 1, 17", "program": "chat", "tax_rounding_direction": "down",
         "tax_rounding_of": "sum_of_rates", "rounding": _ROUNDING, "service_charge": _CHARGE,
         "again": {"session": OTHER, "at": "2026-03-03T14:00:00.000000Z"}},
    ),
    "menu_viewed": (
        "order",
        {"query": "", "result_count": 0, "meal_period": "", "items": []},
        {"query": "idly", "result_count": 2, "meal_period": "Breakfast",
         "items": [{"id": "idly", "name": "Idly", "position": 0}, {"id": "vada", "name": "Vada", "position": 1}]},
    ),
    "item_added": (
        "order",
        {**_ITEM, "quantity": -1, "taxes": []},
        {**_ITEM, "taxes": [_TAX, _LEVY], "measure": 1500, "unit_price": "53.3333",
         "modifiers": [{"name": "no onion", "price": "-5.00"}], "asks": ["Spice"], "seat": 2, "course": 1,
         "offers": [_PROMOTION, {"name": "", "percent": "100"}]},
    ),
    "quantity_changed": (
        "order",
        {"line_id": LINE, "taken_off": 1},
        {"line_id": LINE, "taken_off": 10**9, "follows": ID, "removed": _OFF},
    ),
    "line_voided": ("order", {"line_id": LINE}, {"line_id": LINE, "follows": LAST, "removed": _OFF, **_HASH}),
    "change_undone": ("order", {"event": ID}, {"event": LAST}),
    "discount_applied": (
        "order",
        {"percent": "10"},
        {"line_id": LINE, "percent": "100.0000", "amount": "-12.5000", "kind": "comp", "name": "Senior", "pieces": 10,
         "price": "400.00", "share_of": LAST, "follows": LAST, **_HASH},
    ),
    "amounts_fixed": (
        "order",
        {"lines": []},
        {"lines": [_AMOUNTS, {**_AMOUNTS, "saved": [{"name": "3 for 2", "amount": "-40.00"}], "off": "1"}]},
    ),
    "order_type_set": ("order", {"order_type": ""}, {"order_type": "dine_in"}),
    "line_noted": (
        "order",
        {"line_id": LINE},
        {"line_id": LINE, "follows": LAST, "includes": LAST, "digests": {"note": HASH}},
    ),
    "modifiers_set": (
        "order",
        {"line_id": LINE},
        {"line_id": LINE, "modifiers": [{"name": "hot", "price": "0", "group": "spice"}], "asks": ["Size"],
         "follows": LAST},
    ),
    "line_seated": ("order", {"line_id": LINE}, {"line_id": LINE, "seat": 0, "course": 10**9, "follows": ID}),
    "line_rated": (
        "order",
        {"line_id": LINE},
        {"line_id": LINE, "by_type": [{"order_type": "take_away", "taxes": [_TAX, _LEVY], "price": "3.00"},
         {"order_type": "", "taxes": []}],
         "combos": [{"name": "Lunch", "price": "9.90", "slots": [
             {"name": "Main", "pieces": 1}, {"name": "", "pieces": 9, "extra": "0"}]}],
         "follows": ID},
    ),
    "line_type_set": ("order", {"line_id": LINE}, {"line_id": LINE, "order_type": "take_away", "follows": ID}),
    "course_fired": ("order", {"line_id": LINE}, {"line_id": LINE, "follows": ID}),
    "price_overridden": (
        "order",
        {"line_id": LINE, "was": "80.00", "price": "0"},
        {"line_id": LINE, "was": "80.00", "price": "45.5000", "approved_by": 9, "follows": ID, **_HASH},
    ),
    "age_checked": ("order", {"years": 1, "passed": False}, {"years": 150, "passed": True}),
    "item_marked": (
        "till",
        {"item_id": "idly", "sold_out": True},
        {"item_id": "idly", "sold_out": False, "approved_by": 9},
    ),
    "item_counted": (
        "till",
        {"item_id": "cake", "left": 0},
        {"item_id": "cake", "left": 12, "keep": True, "approved_by": 9},
    ),
    "choice_marked": (
        "till",
        {"choice": "oat milk", "sold_out": True},
        {"choice": "oat milk", "sold_out": False, "approved_by": 9},
    ),
    "stock_counted": (
        "till",
        {"item_id": "cola", "amount": 0},
        {"item_id": "cola", "amount": 31, "seen_at": "2026-03-03T05:01:00.000000Z", "sheet": OTHER, "approved_by": 9},
    ),
    "stock_moved": (
        "till",
        {"item_id": "cola", "amount": 1, "kind": "used"},
        {
            "item_id": "cola",
            "amount": 24,
            "kind": "delivered",
            "why": "monday",
            "happened_at": "2026-03-03T05:01:00.000000Z",
            "approved_by": 9,
        },
    ),
    "stock_returned": ("till", {"of": ID, "item_id": "cola", "amount": 1}, {"of": ID, "item_id": "cola", "amount": 2}),
    "stock_undone": ("till", {"event": ID}, {"event": ID}),
    "stock_kept": ("till", {"kept": 0}, {"kept": 2, "added": ["cola"], "dropped": ["milk"]}),
    "lines_rung_again": ("order", {"line_ids": []}, {"line_ids": [LINE, OTHER]}),
    "order_noted": ("order", {}, {"digests": {"note": HASH}}),
    "customer_attached": ("order", {}, {"customer_id": OTHER, "digests": {"who": HASH}}),
    "buyer_named": ("order", {}, {"digests": {"name": HASH, "tax_number": HASH, "address": HASH}}),
    "invoice_issued": (
        "order",
        {"order_id": OTHER, "sold": "1-000001", "number": "1-F000001"},
        {
            "order_id": OTHER,
            "sold": "1-000001",
            "number": "1-F000001",
            "digests": {"name": HASH, "tax_number": HASH, "address": HASH},
        },
    ),
    "feedback_given": (
        "order",
        {"order_id": OTHER, "score": 1},
        {"order_id": OTHER, "score": 5, "digests": {"words": HASH}},
    ),
    "booking_seated": ("order", {"booking_id": OTHER}, {"booking_id": LINE}),
    "preference_set": (
        "order",
        {"name": "spice"},
        {"name": 'ಖಾರ "hot" \\ /\n\t\x01\x7f😀', "digests": {"value": HASH}},
    ),
    "line_cut": (
        "order",
        {"line_id": LINE, "into": OTHER, "quantity": 1},
        {"line_id": LINE, "into": OTHER, "quantity": 9_999},
    ),
    "order_parked": ("order", {}, {"user": 2}),
    "order_resumed": ("order", {}, {"user": 2}),
    "order_granted": (
        "order",
        {"till": 2, "journal": OTHER, "user": 0},
        {"till": 10**9, "journal": OTHER, "user": 10**9, "from_hold": LAST, "from_till": 0},
    ),
    "tab_assigned": (
        "order",
        {"tab_id": OTHER},
        {"tab_id": OTHER, "table_number": 7, "covers": 4, "digests": {"name": HASH}},
    ),
    "lines_moved": (
        "order",
        {"to_session": OTHER, "line_ids": [LINE]},
        {"from_session": OTHER,
         "lines": [{**_MOVED, "taken_off": {ID: 1, LAST: 2}, "offers": [_PROMOTION], "cut_off": {ID: 1}, "sent": True},
                   {**_MOVED, "measure": 1, "unit_price": "1",
                    "modifiers": [{"name": "large", "price": "10000000", "group": "size"}], "asks": ["Spice"],
                    "seat": 1, "course": 2}],
         "discounts": [{"event": ID, "line_id": LINE, "percent": "5", "kind": "staff_meal", "name": "x"},
                       {"event": ID, "line_id": LINE, "amount": "1", "pieces": 1, "price": "40.00"}],
         "amounts": [_AMOUNTS]},
    ),
    "order_placed": (
        "order",
        {**_PLACED, "lines": [], "payments": []},
        {**_PLACED, "lines": [{**_PLACED_LINE, "measure": 0, "modifiers": ["no onion"], "taxes": [_PLACED_TAX],
                              "off": [{"kind": "discount", "amount": "1", "name": "Senior", "event": ID}],
                              "line_ids": [LINE, OTHER], "line_quantities": [2, -1]}],
         "payments": [{**_PAYMENT, "change": "0", "tip": "1", "transaction": "x", "till": 2,
                       "user": 3}],
         "voids": [{"line_id": LINE, "item_name": "Idly", "quantity": 1, "amount": "40"}],
         "taxes": [{**_PLACED_TAX, "net": "76.19"}], "discounts": [ID],
         "off": [{"kind": "comp", "amount": "1", "event": ID},
                 {"kind": "promotion", "amount": "1", "name": "x"}], "set_aside": [ID], "tab_id": OTHER,
         "customer_id": OTHER, "ref": "17",
         "service_charge": {"percent": "12.5", "subtotal": "1.20", "net": "1.00", "tax": "0.20", "taxes": [
             {"name": "Deposit", "per_piece": "0.25", "tax": "0.20", "added": True}]}},
    ),
    "order_discarded": ("order", {"line_ids": []}, {"line_ids": [LINE, OTHER], "removed": [_OFF], **_HASH}),
    "refused": ("order", {"events": [ID]}, {"events": []}),
    "session_swept": ("order", {"minutes": 0}, {"minutes": 30}),
    "record_set_aside": ("order", {"event": ID, "approved_by": 1}, {"event": LAST, "approved_by": 10**9}),
    "erased": ("order", {"events": []}, {"events": [ID, LAST]}),
    "removal_explained": ("order", {"events": []}, {"events": [ID, LAST], "digests": {"reason": HASH}}),
    "lines_copied": (
        "order", {"from_session": OTHER, "line_ids": [], "events": ["{}"]},
        {"from_session": OTHER, "line_ids": [LINE], "events": ["{}",
          '{"a":"\\u00fc"}'], "digests": {f"{ID}.note": HASH}},
    ),
    "lines_withdrawn": (
        "order", {"to_session": OTHER, "line_ids": []}, {"to_session": OTHER, "line_ids": [LINE, OTHER]}
    ),
    "sale_contested": (
        "order", {"order_id": OTHER, "contents": []}, {"order_id": OTHER, "contents": [LINE, OTHER]}
    ),
    "sale_booked": ("order", {"event": ID, "quarantine": 1}, {"event": LAST, "quarantine": 10**9}),
    "conflict_found": ("order", _CONFLICT, {**_CONFLICT, "amount": "-999999999999999.9999"}),
    "conflict_resolved": ("order", {"conflict_id": OTHER}, {"conflict_id": OTHER, "digests": {"how": HASH}}),
    "checkout_started": ("order", {}, {}),
    "gateway_order_named": (
        "order", {"gateway": "", "order": ""}, {"gateway": "razorpay", "order": "order_A"}
    ),
    "payment_started": (
        "order",
        {**_PAYMENT, "key": ""},
        {**_PAYMENT, "key": "k-17", "tip": "5.00", "place": "V400m-1", "asker": "till-1", "number": "0413",
         "for": {LINE: 1, OTHER: 10**9}},
    ),
    "payment_approved": (
        "order",
        {**_PAYMENT, "tendered": "100.00", "change": "20.00"},
        {**_PAYMENT, "amount": "-80", "tendered": "-80", "change": "0", "tip": "0.50", "transaction": "a b",
         "card": {"brand": "Visa", "last_four": "4821"}, "drawer": 1, "approved_by": 9},
    ),
    "payment_declined": ("order", _PAYMENT, {**_PAYMENT, **_HASH, "approved_by": 9}),
    "payment_confirmed": (
        "order", _PAYMENT,
        {**_PAYMENT, "return_id": ID, "transaction": "a b", "card": {"brand": "Visa", "last_four": "4821"}},
    ),
    "payment_unknown": ("order", _PAYMENT, {**_PAYMENT, "amount": "-0.01"}),
    "payment_authorised": ("order", _PAYMENT, {**_PAYMENT, "transaction": "a b"}),
    "payment_return_started": (
        "order", _RETURN,
        {**_RETURN, "place": "V400m-1", "asker": "till-1", "number": "0413", "transaction": "a b", "approved_by": 9},
    ),
    "payment_return_declined": ("order", _RETURN, {**_RETURN, **_HASH, "approved_by": 9}),
    "payment_return_unknown": ("order", _RETURN, {**_RETURN, "amount": "-0.01"}),
    "payment_voided": (
        "order", _PAYMENT,
        {**_PAYMENT, **_HASH, "approved_by": 10**9, "drawer": 3, "return_id": ID, "transaction": "a b"},
    ),
    "slip_kept": (
        "order",
        {"payment_id": OTHER},
        {"payment_id": OTHER, "refund_id": ID, "for_guest": True, "to_be_signed": True,
         "digests": {"text": HASH, "text_2": HASH, "text_3": HASH}},
    ),
    "tender_corrected": ("order", _CORRECTED, {**_CORRECTED, **_HASH, "approved_by": 9, "drawer": 1, "was_drawer": 1}),
    "courses_held": ("order", {}, {"held": False}),
    "order_numbered": ("order", {"number": "1-07", "count": 7}, {"number": "1B-99", "count": 198}),
    "lines_sent": (
        "order",
        {"station": "Grill", "ticket": "1-1", "kind": "new",
         "lines": [{"line_id": ID, "pieces": 2, "item_id": "idly"}]},
        {"station": "Grill", "ticket": "1B-118", "kind": "moved", "place": ID, "follows": ID,
         "lines": [{"line_id": ID, "pieces": -1, "item_id": "idly", "choices": ["big"], "note": ID, "menu": 7,
                    "course": 2}],
         "later": [{"line_id": ID, "pieces": 1, "item_id": "idly", "course": 3}], "again": True},
    ),
    "kitchen_told": ("order", {"ticket": ID}, {"ticket": ID, "digests": {"words": HASH}}),
    "order_handed": ("order", {"till": 2}, {"till": 2, "again": True}),
    "tip_corrected": ("order", _TIP, {**_TIP, "returned": "-20.00", "approved_by": 9, "drawer": 1}),
    "refund_started": (
        "refund",
        _REFUND_STARTED,
        {**_REFUND_STARTED, "drawer": 1, "away": True, "approved_by": 9, "lines": [_REFUNDED_LINE], **_HASH,
         "taxes": [{**_PLACED_TAX, "tax": "-3.81", "net": "-76.19"}],
         "place": "V400m-1", "asker": "till-1", "number": "0413", "transaction": "a b"},
    ),
    "refund_approved": ("refund", _REFUND, {**_REFUND, "drawer": 10**9, "transaction": "a b"}),
    "refund_declined": ("refund", _REFUND, {**_REFUND, **_HASH}),
    "refund_confirmed": ("refund", _REFUND, {**_REFUND, "drawer": 1}),
    "refund_unknown": ("refund", _REFUND, {**_REFUND, "drawer": 0}),
    "logged_in": ("login", {"user": 1}, {"user": 10**9}),
    "logged_out": ("login", {"user": 0}, {"user": 1}),
    "journal_opened": (
        "till",
        {"host": "bar-1"},
        {"host": "bar-1", "previous": {"journal_id": OTHER, "seq": 2**63 - 1, "hash": HASH}},
    ),
    "till_started": ("till", {"build": ""}, {"build": "0.1.0+g12345678"}),
    "till_stopped": ("till", {}, {}),
    "fiscal_stamped": (
        "till",
        {"chain": OTHER, "scheme": "es-verifactu", "kind": "F2", "of": ORDER, "number": "1-000001", "hash": "3C464DAF",
         "fields": {}},
        {"chain": OTHER, "scheme": "xx", "kind": "", "of": OTHER, "number": "B/1-R000001", "hash": "x" * 250,
         "previous": "3C464DAF", "unsure": True,
         "fields": {"IDFactura.Fecha": "03-03-2026", "Desglose.2.Base": "", "Desglose.10.Base": 'Ñ & "x" = 🙂'},
         "digests": {"names": HASH}},
    ),
    "money_heard": ("till", {"change": 0}, {"change": 10**9}),
    "drawer_opened": ("till", {"why": "no_sale"}, {"why": "change", "approved_by": 9, **_HASH}),
    "receipt_issued": (
        "till",
        {"session_id": ORDER, "amount": "80.00", "currency": "INR"},
        {"session_id": ORDER, "amount": "-80.00", "currency": "INR", "receipt": "1-000001", "copy": 2, "is_bill": True},
    ),
    "shift_opened": (
        "shift",
        {"business_date": "2026-03-03", "currency": "INR"},
        {"business_date": "2026-03-03", "currency": "INR", "kept": ["CASH", "MEAL"]},
    ),
    "cash_moved": (
        "shift",
        {"kind": "paid_out", "amount": "-20.00", "currency": "INR"},
        {"kind": "account", "amount": "120.00", "currency": "INR", "of": OTHER, "approved_by": 9, **_HASH},
    ),
    "movement_undone": ("shift", {"event": ID}, {"event": LAST, "approved_by": 9}),
    "drawer_counted": (
        "shift",
        {"currency": "INR", "counts": [{"tender": "CASH", "expected": "-1.00", "counted": "0"}]},
        {"currency": "INR", "counts": [{"tender": "CASH", "expected": "80.00", "counted": "79.50", "taken": "50.00"}],
         "to": "safe", "pieces": [{"value": "0.50", "number": 1}], "approved_by": 9, "digests": {"note": HASH}},
    ),
    "drawer_corrected": (
        "shift",
        {"correction": ID, "payment_id": OTHER, "was": "CASH", "tender": "CARD", "amount": "80.00", "currency": "INR"},
        {"correction": LAST, "payment_id": OTHER, "was": "CASH", "tender": "CARD", "amount": "80.00",
         "currency": "INR", "receipt": "1-000001"},
    ),
    "shift_closed": (
        "shift",
        {"number": "1-Z000001", "currency": "INR", "sums": {}},
        {"number": "1-Z000001", "currency": "INR", "sums": _SUMS, "open_orders": {"number": 1, "amount": "80.00"},
         "totals": {"sales": "80.00", "refunds": "0.00", "net": "80.00"}, "approved_by": 9},
    ),
    "records_lost": (
        "till",
        {"journal_id": OTHER},
        {"journal_id": OTHER, "ranges": [{"first": 1, "last": 1}, {"first": 3, "last": 10**9}]},
    ),
    "login_refused": ("till", {"user": 1, "locked": False}, {"user": 1, "locked": True}),
    "approval_given": (
        "till",
        {"act": "give_back", "stream_kind": "order", "stream_id": ORDER, "events": [ID], "approved_by": 9},
        {"act": "refund", "stream_kind": "refund", "stream_id": ORDER, "events": [ID, ID], "approved_by": 0,
         "amount": "-12.50", "currency": "INR"},
    ),
    "quarantine_resolved": (
        "till",
        {"quarantine": 1},
        {"quarantine": 2, "event": LINE, "session": ORDER, "digests": {"how": HASH}},
    ),
    "records_settled": (
        "till",
        {"till": 3, "records": 1, "upto": 1},
        {"till": 0, "records": 39_900, "upto": 2**63 - 1},
    ),
    "settings_changed": (
        "till",
        {"keys": ["name"], "changes": {"name": "Udupi"}, "was": {}},
        {
            "keys": ["name", "tills"],
            "changes": {"tills": [1, None, {"a": "b"}], "name": ""},
            "was": {"name": "Udupi"},
        },
    ),
    "till_enrolled": ("till", {"till": 1}, {"till": 0}),
    "fiscal_mend_asked": ("till", {"number": "1-000123"}, {"number": "B/1-R000001"}),
    "fiscal_send_asked": (
        "till", {"number": "1-000123", "was": "accepted"}, {"number": "B/1-R000001", "was": "waits"},
    ),
    "invoice_annulled": ("till", {"number": "1-F000001"}, {"number": "B/1-F000001"}),
    "fiscal_reported": (
        "till", {"sender": 95, "records": 1, "first": "1-000123", "last": "1-000123"},
        {"sender": 95, "records": 1000, "first": "1-000123", "last": "2-000456", "refused": 3, "receipt": "A-1",
         "begins": True},
    ),
    "export_made": (
        "till",
        {"export": "no-saft", "first": "2027-01-01", "last": "2027-03-31", "begins": "2026-12-31T23:00:00.000000Z",
         "ends": "2027-03-31T22:00:00.000000Z", "heads": []},
        {"export": "es-verifactu", "first": "2027-01-01", "last": "2027-01-01", "begins": "2026-12-31T23:00:00.000000Z",
         "ends": "2027-01-01T23:00:00.000000Z", "heads": [{"journal_id": OTHER, "seq": 2**63 - 1}],
         "files": [{"name": "a.xml", "sha256": HASH, "records": 7}], "accepted": ["till-2"], "left_out": ["1-000007"]},
    ),
    "codes_set": (
        "till", {"scheme": "no-saft", "changes": {"item": {"x": "04003"}}},
        {"scheme": "no", "changes": {"tax": {"x": ""}}},
    ),
    "enrolment_made": ("till", {"till": 2, "kind": "add"}, {"till": 999, "kind": "renew"}),
    "till_revoked": ("till", {"till": 1}, {"till": 2}),
    "till_money_set": ("till", {"till": 1, "with_money": True}, {"till": 999, "with_money": False}),
    "till_adopted": ("till", {"till": 1}, {"till": 1, "journal_id": OTHER}),
    "backlog_taken": ("till", {"till": 1, "journal_id": OTHER}, {"till": 10**9, "journal_id": OTHER}),
    "user_added": ("till", {"user": 3, "role": "cashier"}, {"user": 3, "role": "manager"}),
    "user_disabled": ("till", {"user": 3}, {"user": 0}),
    "user_enabled": ("till", {"user": 3}, {"user": 0}),
    "user_unlocked": ("till", {"user": 3}, {"user": 0}),
    "program_added": ("till", {"program": "chat"}, {"program": "web_shop"}),
    "program_revoked": ("till", {"program": "chat"}, {"program": "web_shop"}),
    "till_renamed": ("till", {"till": 3}, {"till": 0}),
    "user_renamed": ("till", {"user": 3}, {"user": 0}),
    "role_set": ("till", {"user": 3, "role": "manager"}, {"user": 0, "role": "cashier"}),
    "language_set": ("till", {"user": 3}, {"user": 0}),
    "pin_set": ("till", {"user": 3}, {"user": 0}),
    "password_set": ("till", {"user": 9}, {"user": 0}),
    "voucher_issued": (
        "till",
        {"voucher_id": OTHER, "amount": "500.00", "currency": "INR"},
        {"voucher_id": OTHER, "amount": "0", "currency": "INR", "expires": "2027-03-31"},
    ),
    "voucher_voided": (
        "till",
        {"voucher_id": OTHER, "left": "0.00", "currency": "INR"},
        {"voucher_id": OTHER, "left": "120.50", "currency": "INR"},
    ),
    "account_set": (
        "till",
        {"customer_id": OTHER, "limit": "5000.00", "currency": "INR"},
        {"customer_id": OTHER, "limit": "0", "currency": "INR", "closed": True},
    ),
    "account_paid_off": (
        "till",
        {"customer_id": OTHER, "paying": LINE, "amount": "100.00", "currency": "INR", "tender": "CASH"},
        {"customer_id": OTHER, "paying": LINE, "amount": "0.01", "currency": "INR", "tender": ""},
    ),
    "account_corrected": (
        "till",
        {"customer_id": OTHER, "pay_off": LINE, "correction": OTHER, "amount": "100.00", "currency": "INR"},
        {"customer_id": OTHER, "pay_off": LINE, "correction": OTHER, "amount": "-0.01", "currency": "INR"},
    ),
    "customer_added": (
        "till",
        {"customer_id": OTHER},
        {"customer_id": OTHER, "digests": {"name": HASH, "phone": HASH}},
    ),
    "customer_billed": ("till", {"customer_id": OTHER}, {"customer_id": LINE}),
    "customer_erased": ("till", {"customer_id": OTHER, "events": []}, {"customer_id": OTHER, "events": [ID, LAST]}),
    "promotion_set": ("till", {"name": "3 for 2", "terms": {}}, {"name": "", "terms": {"hours": [{"to": "17:00"}]}}),
    "promotion_removed": ("till", {"name": "Happy hour"}, {"name": ""}),
    "table_set": ("till", {"table_number": 7, "seats": 0}, {"table_number": 0, "seats": 999, "area": "garden"}),
    "booking_made": (
        "till",
        {"booking_id": OTHER, "at": "2026-03-03T14:00:00.000000Z", "minutes": 1, "covers": 1},
        {"booking_id": OTHER, "at": "2026-03-03T14:00:00.000000Z", "minutes": 120, "covers": 4, "table_number": 7,
         "customer_id": LINE, "digests": {"name": HASH, "phone": HASH}},
    ),
    "booking_cancelled": ("till", {"booking_id": OTHER}, {"booking_id": LINE}),
    "booking_missed": ("till", {"booking_id": OTHER}, {"booking_id": LINE}),
    "ticket_done": ("till", {"ticket": ID, "station": "Grill"}, {"ticket": ID, "station": "Grill"}),
    "ticket_recalled": ("till", {"ticket": ID, "station": "Grill"}, {"ticket": ID, "station": "Grill"}),
    "notice_seen": ("till", {"notice": OTHER}, {"notice": LINE}),
    "booking_erased": ("till", {"booking_id": OTHER, "events": []}, {"booking_id": OTHER, "events": [ID, LAST]}),
    "menu_imported": ("till", {"version": 1, "items": 2}, {"version": 0, "items": 0}),
    "menu_edited": (
        "till",
        {"version": 2, "item_id": "dosa", "changes": {"price": "85.00"}},
        {"version": 3, "item_id": "dosa", "changes": {"prices": [{"from": "2026-12-01T12:30:00Z", "price": "90.00"}]}},
    ),
    "menu_rated": (
        "till",
        {"version": 2, "rates": [{"starts": "2026-12-31T23:00:00.000000Z", "tax": "VAT 7", "items": 2}]},
        {"version": 3, "begun": True, "rates": [
            {"starts": "2026-12-31T23:00:00.000000Z", "tax": "VAT 7", "items": 0, "order_type": "take_away",
             "charge": True}]},
    ),
    "order_submitted": (
        "order",
        {"order_id": ORDER, "number": 1, "payment_method": "cash"},
        {"order_id": ORDER, "number": 4417, "payment_method": "upi", "program": "chat", "customer_id": OTHER},
    ),
    "menu_scheduled": (
        "till",
        {"version": 4},
        {"version": 5, "daypart": "Breakfast", "hours": [{"starts": "07:00", "ends": "11:30", "days": [1, 7]}],
         "item_id": "dosa", "category_id": "c1"},
    ),
    "menu_brought_back": ("till", {"version": 6, "of": 2, "items": 62}, {"version": 1, "of": 0, "items": 0}),
    "item_sold_out": (
        "till",
        {"item_id": "dosa", "sold_out": True, "version": 1},
        {"item_id": "dosa", "sold_out": False, "version": 2},
    ),
}  # fmt: skip


class Row(NamedTuple):
    """A record, as a change of one that is sound.

    Attributes:
        name: its peculiarity.
        good: True if every till reads it.
        type: its type; the change is made to the most that its data holds.
        data: changes to its data: the path to a value, and the value.
        envelope: changes beside its data.
        text: changes to the canonical text: a piece, and its replacement.
    """

    name: str
    good: bool
    type: str = "item_added"
    data: tuple[tuple[tuple[str | int, ...], Any], ...] = ()
    envelope: tuple[tuple[str, Any], ...] = ()
    text: tuple[str, str] | None = None


def _bad(type_: str, *path: str | int, value: object) -> Row:
    return Row(f"{type_}: {'.'.join(map(str, path))} is {repr(value)[:50]}", False, type_, ((path, value),))


def _good(type_: str, *path: str | int, value: object) -> Row:
    return _bad(type_, *path, value=value)._replace(good=True)


def _each(*values: object) -> tuple[object, ...]:
    return values


def _ground(name: str, value: Any, *, good: bool = False, type_: str = "item_added") -> Row:
    return Row(f"{name} is {repr(value)[:50]}", good, type_, (), ((name, value),))


def _text(name: str, old: str, new: str, *, type_: str = "item_added") -> Row:
    return Row(name, False, "item_added", (), (("type", type_),), (old, new))


NO_UUIDS: Final[tuple[Any, ...]] = (
    None, 1, True, "", "x", LINE.upper(), f"{LINE}\n", f" {LINE}", f"{{{LINE}}}", LINE.replace("-", ""), LINE[:-1],
    LINE + "0", LINE.replace("b810-", "b81-0"), [LINE], {"id": LINE}, f"urn:uuid:{LINE}", "６" + LINE[1:],
)  # fmt: skip
NO_EVENT_IDS: Final[tuple[Any, ...]] = (
    *NO_UUIDS, "ffffffff-ffff-7fff-bfff-ffffffffffff", "e6770000-0000-7000-8000-000000000000",
    "01960a30-5a80-4000-8000-00000000000a", "01960a30-5a80-7000-c000-00000000000a",
    "01960a30-5a80-7000-0000-00000000000a", "00000000-0000-0000-0000-000000000000", LINE,
)  # fmt: skip
NO_AMOUNTS: Final[tuple[Any, ...]] = (
    None, 80, 80.0, True, "", "NaN", "Infinity", "-Infinity", "1e500", "1E2", "80,00", "80.", ".5", "+1", "- 1", " 1",
    "1 ", "1\n", "--1", "1.00000", "1" * 16, "1" * 400, "٣", "0x10", "1_000", ["1"], {"amount": "1"},
)  # fmt: skip
NO_PRICES: Final[tuple[Any, ...]] = (
    None,
    80,
    "-1",
    "10000001",
    "99999999",
    "80,00",
    "NaN",
    "1e5",
    "1.23456",
    "1\n",
    "",
    ["1"],
)
NO_SHARES: Final[tuple[Any, ...]] = (10, "101", "100.1", "100.00000", "-1", "1000", "NaN", "10%", "")
NO_COUNTS: Final[tuple[Any, ...]] = (None, -1, 10**9 + 1, 1.5, True, "1", "", [1], {})
NO_PIECES: Final[tuple[Any, ...]] = (None, 10**9 + 1, -(10**9) - 1, 1.5, False, "1", 2**63, -(2**70), 10**400)
NO_STAFF: Final[tuple[Any, ...]] = (-1, 10**9 + 1, 2**31, 2**63, 1.5, True, "1", [])
NO_WORDS: Final[tuple[Any, ...]] = (None, 1, True, "x" * 251, "ಖ" * 251, ["a"], {"a": "b"})
NO_FLAGS: Final[tuple[Any, ...]] = (None, 0, 1, "true", "false", [], {})
NO_HASHES: Final[tuple[Any, ...]] = (None, 1, "", "ab", HASH.upper(), HASH + "\n", HASH[:-1], HASH + "a", "zz" * 32)
NO_LISTS: Final[tuple[Any, ...]] = (None, {}, "[]", 1, True, [None], [[]], [1], ["x"], [{}])

_IN_DATA: Final = (
    # the fields of each kind, at each depth
    *(_bad("item_added", "line_id", value=v) for v in NO_UUIDS),
    *(_bad("change_undone", "event", value=v) for v in NO_EVENT_IDS),
    *(_bad("record_set_aside", "event", value=v) for v in NO_EVENT_IDS),
    *(_bad("line_voided", "follows", value=v) for v in NO_EVENT_IDS),
    *(_bad("erased", "events", 0, value=v) for v in NO_EVENT_IDS),
    *(_bad("removal_explained", "events", 0, value=v) for v in NO_EVENT_IDS),
    *(_bad("conflict_found", "amount", value=v) for v in NO_AMOUNTS),
    *(_bad("payment_approved", field, value=v) for field in ("amount", "tendered", "change") for v in NO_AMOUNTS[:12]),
    *(_bad(type_, "amount", value=v) for type_ in (
        "payment_started", "payment_declined", "payment_unknown", "payment_authorised", "payment_voided",
        "payment_return_started", "payment_return_declined", "payment_return_unknown")
      for v in NO_AMOUNTS[:12]),
    *(_bad("order_placed", field, value=v) for field in ("net", "tax", "rounding", "total") for v in NO_AMOUNTS[:12]),
    *(_bad("order_placed", "lines", 0, field, value=v) for field in ("net", "tax", "discount", "subtotal")
      for v in NO_AMOUNTS[:12]),
    *(_bad("order_placed", "taxes", 0, "net", value=v) for v in NO_AMOUNTS[:12]),
    *(_bad("order_placed", "payments", 0, field, value=v) for field in ("change", "tip") for v in NO_AMOUNTS[:12]),
    # of a card's number four digits, and none in its name
    *(_bad("payment_approved", "card", value=v) for v in
      _each(None, [], [{}], "4821", {"pan": "4821"}, {"brand": ""}, {"last_four": None})),
    *(_bad("payment_approved", "card", "last_four", value=v) for v in
      (None, "", 4821, "482", "04821", "4111111111111111", "4821\n", "**** 4821", "٤٨٢١", ["4821"])),
    *(_bad("payment_approved", "card", "brand", value=v) for v in
      (None, 1, "", " Visa", "Visa4821", "4111 1111 1111 1111", "Visa\n", "\u202eVisa", "x" * 21, "ВИЗА", "四",
       ["Visa"])),
    *(_bad(type_, "tip", value="-0.01") for type_ in ("payment_started", "payment_approved")),
    *(_bad("item_added", "price", value=v) for v in NO_PRICES),
    *(_bad("item_added", "unit_price", value=v) for v in NO_PRICES),
    *(_bad("lines_moved", "lines", 0, "price", value=v) for v in NO_PRICES),
    *(_bad("item_added", "modifiers", 0, "price", value=v) for v in ("-10000001", "--1", "+1", "1.00000", None, 5)),
    *(_bad("item_added", "taxes", 0, "rate", value=v) for v in ("-5", "1000", "5%", "5.00000", 5, None, "NaN")),
    *(_bad("discount_applied", "percent", value=v) for v in NO_SHARES),
    *(_bad("discount_applied", "amount", value=v) for v in NO_AMOUNTS),
    *(_bad("discount_applied", "price", value=v) for v in (*NO_AMOUNTS, "-1")),
    *(_bad("discount_applied", "pieces", value=v) for v in (*NO_COUNTS, 0)),
    *(_bad("menu_viewed", "result_count", value=v) for v in NO_COUNTS),
    *(_bad("menu_viewed", "items", 0, "position", value=v) for v in NO_COUNTS),
    *(_bad("session_swept", "minutes", value=v) for v in NO_COUNTS),
    *(_bad("feedback_given", "score", value=v) for v in (*NO_COUNTS, 0, 6)),
    *(_bad("tab_assigned", "covers", value=v) for v in NO_COUNTS),
    *(_bad("tab_assigned", "table_number", value=v) for v in NO_COUNTS),
    *(_bad("line_voided", "removed", "amount", value=v) for v in NO_AMOUNTS),
    *(_bad("order_discarded", "removed", 0, "pieces", value=v) for v in NO_PIECES),
    *(_bad("quantity_changed", "taken_off", value=v) for v in (*NO_PIECES, -1)),
    *(_bad("item_added", "quantity", value=v) for v in NO_PIECES),
    *(_bad("order_placed", "lines", 0, "line_quantities", 0, value=v) for v in NO_PIECES),
    *(_bad("order_opened", "user", value=v) for v in (*NO_STAFF, None)),
    *(_bad("order_parked", "user", value=v) for v in (*NO_STAFF, None)),
    *(_bad(type_, "user", value=v) for type_ in ("logged_in", "logged_out", "login_refused", "pin_set", "user_added",
      "user_disabled", "user_enabled", "user_unlocked", "user_renamed", "role_set", "language_set", "password_set")
      for v in (*NO_STAFF[:4], None)),
    *(_bad(type_, "till", value=v) for type_ in ("till_enrolled", "till_renamed", "till_revoked", "till_adopted",
      "backlog_taken", "enrolment_made", "fiscal_mend_asked", "invoice_annulled")
      for v in (*NO_STAFF, None)),
    *(_bad(type_, "journal_id", value=v) for type_ in ("till_adopted", "backlog_taken") for v in NO_UUIDS[:6]),
    *(_bad("order_resumed", "user", value=v) for v in (*NO_STAFF, None)),
    *(_bad("order_granted", "from_hold", value=v) for v in NO_EVENT_IDS),
    *(_bad("order_granted", "journal", value=v) for v in NO_UUIDS),
    *(_bad("order_granted", field, value=v) for field in ("till", "user", "from_till") for v in (*NO_STAFF, None)),
    *(_bad("item_added", "item_name", value=v) for v in NO_WORDS),
    *(_bad("order_type_set", "order_type", value=v) for v in NO_WORDS),
    *(_bad("preference_set", "name", value=v) for v in NO_WORDS),
    *(_bad("order_placed", "lines", 0, "modifiers", 0, value=v) for v in NO_WORDS),
    *(_bad("journal_opened", "host", value=v) for v in NO_WORDS),
    *(_bad("item_sold_out", "item_id", value=v) for v in NO_WORDS),
    *(_bad("item_sold_out", "sold_out", value=v) for v in NO_FLAGS),
    *(_bad("menu_imported", field, value=v) for field in ("items", "version") for v in NO_COUNTS),
    *(_bad("login_refused", "locked", value=v) for v in NO_FLAGS),
    *(_bad("order_opened", "prices_include_tax", value=v) for v in NO_FLAGS),
    *(_bad("lines_moved", "late", value=v) for v in (*NO_FLAGS, False)),
    *(_bad("order_opened", "tax_rounding", value=v) for v in (None, "", "LINE", "none", 1, ["line"], "line\n")),
    *(_bad("order_opened", "tax_rounding_direction", value=v) for v in (None, "", "half_up", "half_down", 1)),
    *(_bad("order_opened", "tax_rounding_of", value=v) for v in (None, "", "each", "sum", 1)),
    *(_bad("order_opened", "rounding", value=v) for v in _each(None, [], "0.05", {}, {"step": 5}, {"step": "-1"})),
    *(_bad("order_opened", "rounding", "direction", value=v) for v in (None, "half_up", "up", 1)),
    *(_bad("order_opened", "rounding", "of", value=v) for v in (None, "cash", "card", 1)),
    *(_bad("order_opened", "rounding", "never", value=v) for v in (None, [], [1], "x")),
    *(_bad("order_opened", "service_charge", value=v) for v in _each(None, [], "10", {}, {"percent": 10})),
    *(_bad("order_opened", "service_charge", "taxes", value=v) for v in _each(None, [], [{}], [_TAX] * 21)),
    *(_bad("item_added", "taxes", 0, "included", value=v) for v in (None, "true", 1)),
    *(_bad("item_added", "taxes", 0, "affects_later", value=v) for v in (None, False, "true", 1)),
    *(_bad("item_added", "taxes", 0, "affected_by_earlier", value=v) for v in (None, True, "false", 0)),
    *(_bad("item_added", "taxes", 0, "per_piece", value=v) for v in (None, "-1", 1, "x")),
    *(_bad("order_placed", "service_charge", value=v) for v in _each(None, [], "10", {})),
    *(_bad("order_placed", "service_charge", "subtotal", value=v) for v in (None, 1, "x")),
    *(_bad("order_opened", "currency", value=v) for v in (None, "inr", "INRR", "IN", "INR\n", 356, "₹₹₹")),
    *(_bad(type_, "business_date", value=v) for type_ in ("order_placed", "refund_started") for v in
      (None, "2026-3-3", "2026-03-03\n", "03.03.2026", 20260303, "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-32",
       "1899-12-31", "0000-00-00", "10000-01-01", "infinity", "today", "٢٠٢٦-03-03")),
    *(_bad("journal_opened", "previous", "hash", value=v) for v in NO_HASHES),
    *(_bad("journal_opened", "previous", "seq", value=v) for v in (-1, 2**63, 1.5, "1", None, 10**30)),
    *(_bad("line_voided", "digests", "reason", value=v) for v in NO_HASHES),
    *(_bad("line_voided", "digests", value=v) for v in _each(None, [], "x", 1, {})),
    *(_bad("line_voided", "digests", value={v: HASH}) for v in ("n" * 64, "ಖ" * 64)),
    _bad("line_voided", "digests", value={f"text_{n}": HASH for n in range(21)}),
    # private text stands beside the data, where it can be erased
    *(_bad("line_voided", "reason", value=v) for v in (None, 1, "", "x", "x" * 1001)),
    *(_bad("quarantine_resolved", "quarantine", value=v) for v in (0, -1, 2**63, 1.5, "1", None)),
    *(_bad("records_settled", "upto", value=v) for v in (0, -1, 2**63, 1.5, "1", None)),
    *(_bad("records_settled", "records", value=v) for v in (0, -1, 1.5, "1", None)),
    *(_bad("records_settled", "till", value=v) for v in (-1, 1.5, "1", None)),
    *(_bad("menu_edited", "item_id", value=v) for v in NO_WORDS),
    *(_bad("menu_edited", "version", value=v) for v in NO_COUNTS),
    *(_bad("menu_edited", "changes", value=v) for v in _each(None, [], "x", 1)),
    *(_bad("menu_rated", "version", value=v) for v in NO_COUNTS),
    *(_bad("menu_rated", f, value=v) for f in ("begun", "rates") for v in _each(None, 1, "x")),
    *(_bad("menu_rated", "rates", 0, f, value=v) for f in ("starts", "tax") for v in _each(None, 1, [])),
    *(_bad("menu_rated", "rates", 0, "items", value=v) for v in NO_COUNTS),
    *(_bad("menu_rated", "rates", 0, f, value=v) for f, v in (("order_type", 1), ("charge", 1), ("charge", None))),
    *(_bad("menu_scheduled", "version", value=v) for v in NO_COUNTS),
    *(_bad("menu_scheduled", f, value=v) for f in ("daypart", "item_id", "category_id") for v in _each(1, True, [])),
    *(_bad("menu_scheduled", "hours", 0, field, value=v) for field in ("starts", "ends") for v in NO_WORDS),
    *(_bad("menu_scheduled", "hours", 0, "days", value=v) for v in _each(None, 1, "x", [0], [8], ["1"], [1.5])),
    *(_bad("menu_brought_back", field, value=v) for field in ("version", "of", "items") for v in NO_COUNTS),
    *(_bad("settings_changed", "was", value=v) for v in _each(None, [], "x", 1)),
    *(_bad("settings_changed", "changes", value=v) for v in _each(None, [], "x", 1)),
    *(_bad("conflict_resolved", "conflict_id", value=v) for v in NO_UUIDS),
    # lists
    *(_bad("item_added", "taxes", value=v) for v in (*NO_LISTS, [_TAX] * 21)),
    *(_bad("item_added", "modifiers", value=v) for v in (*NO_LISTS, [], [{"name": "a", "price": "1"}] * 51)),
    *(_bad("order_discarded", "line_ids", value=v) for v in
      _each(None, {}, "x", [None], [1], [LINE.upper()], [LINE] * 10_001)),
    *(_bad("lines_moved", "lines", value=v) for v in (*NO_LISTS, [])),
    *(_bad("lines_moved", "discounts", value=v) for v in (*NO_LISTS, [])),
    *(_bad("lines_moved", "amounts", value=v) for v in (*NO_LISTS, [])),
    *(_bad("lines_moved", "line_ids", value=v) for v in (None, [], [1], "x")),
    *(_bad("lines_moved", "lines", 0, "taken_off", value=v) for v in
      _each(None, {}, [], {LINE: 1}, {ID: 0}, {ID: -1}, {ID: 1.5}, {ID: "1"}, {ID.upper(): 1}, {"": 1}, {ID: True})),
    *(_bad("payment_started", "for", value=v) for v in
      _each(None, {}, [], [LINE], {"x": 1}, {LINE: 0}, {LINE: -1}, {LINE: 10**9 + 1}, {LINE: 1.5}, {LINE: "1"},
            {LINE: None}, {LINE.upper(): 1})),
    *(_bad("order_placed", field, value=v) for field in ("lines", "payments") for v in NO_LISTS),
    *(_bad("order_placed", field, value=v) for field in ("voids", "taxes", "discounts", "set_aside") for v in
      (*NO_LISTS, [])),
    *(_bad("order_placed", "lines", 0, "line_ids", value=v) for v in (None, [], [None], ["x"], [LINE.upper()])),
    *(_bad("order_placed", "lines", 0, "line_quantities", value=v) for v in (None, [], [None], ["1"], [1.5])),
    _bad("menu_viewed", "items", value=[{"id": "a", "name": "b", "position": 1}] * 51),
    _bad("erased", "events", value=[ID] * 10_001),
    # the bounds themselves
    _good("item_added", "item_name", value="ಖ" * 250),
    _good("item_added", "item_name", value="😀" * 250),
    _good("item_added", "quantity", value=10**9),
    _good("item_added", "quantity", value=-(10**9)),
    _good("item_added", "price", value="10000000.9999"),
    _good("item_added", "price", value="0"),
    _good("item_added", "modifiers", 0, "price", value="-0"),
    _good("item_added", "taxes", value=[_TAX] * 20),
    _good("discount_applied", "percent", value="100"),
    _good("discount_applied", "amount", value="999999999999999.9999"),
    *(_good(type_, "business_date", value=v) for type_ in ("order_placed", "refund_started") for v in
      ("2026-02-31", "1969-12-31", "9999-12-31")),
    _good("order_discarded", "line_ids", value=[LINE] * 10_000),
    _good("line_voided", "digests", value={"reason": HASH, "": HASH, "ಖ" * 63: HASH, 'a"b': HASH}),
    _good("line_voided", "digests", value={f"text_{n}": HASH for n in range(20)}),
    _good("change_undone", "event", value=LAST),
    *(_good("payment_approved", "card", value=v) for v in ({}, {"brand": "x" * 20}, {"brand": "C. & A.-b"})),
    _good("settings_changed", "changes", value={}),
)  # fmt: skip

_AROUND: Final = (
    *(_ground("id", v) for v in NO_EVENT_IDS),
    *(_ground("hold_id", v) for v in NO_EVENT_IDS if v is not None),
    *(_ground(name, v) for name in ("journal_id", "store_id", "stream_id") for v in NO_UUIDS),
    *(_ground(name, v) for name in ("login_session", "shift") for v in NO_UUIDS if v is not None),
    *(_ground("seq", v) for v in (0, -1, 2**63, 1.5, "1", None, True, 10**30)),
    *(_ground("till", v) for v in (*NO_STAFF, None)),
    *(_ground("user", v) for v in NO_STAFF),
    *(_ground("prev_hash", v) for v in NO_HASHES),
    *(_ground("harmless", v) for v in NO_FLAGS),
    *(_ground("v", v) for v in (0, -1, 2, 2**31, 2**63, 1.5, "1", None, True)),
    *(_ground("type", v) for v in
      (None, 1, "", "nothing_known", "Item_Added", "item_added\n", "1item", "x" * 64, "item added", "pin_set 1 till")),
    *(_ground("stream_kind", v) for v in (None, 1, "", "login", "till", "shift", "ORDER", "order\n", "x" * 64)),
    *(_ground("at", v) for v in (
        None, 1, "", "infinity", "-infinity", "now", "epoch", "today", "294000-01-01T00:00:00.000000Z",
        "10000-01-01T00:00:00.000000Z", "9999-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z",
        "1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z",
        "2026-02-30T00:00:00.000000Z", "2026-02-29T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z",
        "2026-03-03T24:00:00.000000Z", "2026-03-03T23:59:60.000000Z", "2026-03-03T05:01:00Z",
        "2026-03-03T05:01:00.000Z", "2026-03-03T05:01:00.000000+00:00", "2026-03-03T05:01:00.000000",
        "2026-03-03 05:01:00.000000Z",
        "2026-03-03t05:01:00.000000z", "2026-03-03T05:01:00.000000Z\n", "2026-03-03T05:01:00.0000000Z")),
    _ground("data", []), _ground("data", None), _ground("data", "x"), _ground("data", 1), _ground("data", True),
    *(_ground(name, GONE) for name in (*ENVELOPE, "type", "stream_kind", "data")),
    _ground("session_id", ORDER), _ground("more", 1),
    # the bounds themselves
    _ground("id", LAST, good=True), _ground("hold_id", LAST, good=True), _ground("hold_id", None, good=True),
    _ground("seq", 2**63 - 1, good=True),
    _ground("user", None, good=True), _ground("user", 0, good=True), _ground("till", 0, good=True),
    _ground("login_session", LINE, good=True), _ground("shift", LINE, good=True), _ground("harmless", True, good=True),
    _ground("at", "1970-01-01T00:00:00.000000Z", good=True), _ground("at", "9998-12-31T23:59:59.999999Z", good=True),
    _ground("at", "2028-02-29T23:59:59.000001Z", good=True),
)  # fmt: skip

_HANDS: Final = (
    # an event that makes a hold names itself
    *(_ground(name, value, type_=type_) for type_ in TAKINGS
      for name, value in (("hold_id", LAST), ("hold_id", None), ("hold_id", GONE), ("id", LAST))),
    # events of the database belong to no till
    *(_ground("till", till, type_=type_) for type_ in sorted(BY_SERVER) for till in (1, 10**9)),
)  # fmt: skip

_AS_TEXT: Final = (
    _text("a NUL", "Masala Dosa", r"Masala\u0000Dosa"),
    _text("a lone high surrogate", "Masala Dosa", r"Masala \ud800"),
    _text("a lone low surrogate", "Masala Dosa", r"Masala \udc00 Dosa"),
    _text("a pair of surrogates where the character would do", "Masala Dosa", r"Masala \ud83d\ude00"),
    _text("a character that is spelt by its number", "Masala Dosa", r"Masala \u0044osa"),
    _text("an escape that is written in capitals", "Masala Dosa", r"Masala \u001FDosa"),
    _text("an escaped slash", "Masala Dosa", r"Masala\/Dosa"),
    _text("a raw control character", "Masala Dosa", "Masala\tDosa"),
    _text("an escape that there is not", "Masala Dosa", r"Masala \x Dosa"),
    _text("a space between", '"item_id":', '"item_id": '),
    _text("a space around", '{"at"', ' {"at"'),
    _text("a newline at the end", '"v":1}', '"v":1}\n'),
    _text("keys in another order", '"till":1,"type":"item_added"', '"type":"item_added","till":1'),
    _text("keys of data in another order", '"price":"80.00","quantity":1', '"quantity":1,"price":"80.00"'),
    _text("a key that comes twice", '"price":"80.00"', '"price":"1.00","price":"80.00"'),
    _text("a key of the envelope that comes twice", '"till":1,', '"till":1,"till":1,'),
    _text("data that comes twice", '"harmless":', '"data":{},"harmless":'),
    _text("a whole number that is written as a fraction", '"quantity":1', '"quantity":1.0'),
    _text("a whole number that is written as a power", '"quantity":1', '"quantity":1e0'),
    _text("a hundred that is written as a power", '"measure":1500', '"measure":15e2'),
    _text("minus nothing", '"measure":1500', '"measure":-0'),
    _text("a number with a leading zero", '"quantity":1', '"quantity":01'),
    _text("a number with a plus", '"quantity":1', '"quantity":+1'),
    _text("a number beyond all", '"quantity":1', '"quantity":1e500'),
    _text("no number", '"quantity":1', '"quantity":NaN'),
    _text("infinite", '"quantity":1', '"quantity":Infinity'),
    _text("a place that is written as a fraction", '"seq":1', '"seq":1.0'),
    _text("a place that is written as a power", '"seq":1', '"seq":1e0'),
    _text("no JSON", '"v":1}', '"v":1'),
    _text("a list around", '{"at"', '[{"at"'),
    _text("a number beyond all in a type that nobody knows", '"quantity":1', '"quantity":1e500', type_="unknown"),
    _text("a lone surrogate in a type that nobody knows", "Masala", r"\ud800", type_="unknown"),
    _text("deep in a type that nobody knows", '"quantity":1', '"quantity":' + "[" * 900 + "]" * 900, type_="unknown"),
    _text("deeper than anybody reads", '"quantity":1', '"quantity":' + "[" * 200_000 + "]" * 200_000),
    _text("a default that is spelt out", '"measure":1500,', '"measure":null,'),
)


def _of_every_type() -> list[Row]:
    rows = []
    for type_, (stream, least, most) in GOOD.items():
        rows.append(Row(f"{type_}: its most", True, type_))
        rows.append(Row(f"{type_}: its least", True, type_, tuple(((key,), GONE) for key in most if key not in least)
                        + tuple(((key,), value) for key, value in least.items())))  # fmt: skip
        rows.extend(
            Row(f"{type_}: without {key}", False, type_, (((key,), GONE),)) for key in least if key in REQUIRED[type_]
        )
        rows.append(_bad(type_, "more", value=1))
        rows.append(_bad(type_, "v", value=1))
        rows.append(_bad(type_, "digests", value={"x": "no hash"}))
        rows.extend(
            _ground("stream_kind", other, type_=type_)
            for other in ("order", "login", "till", "shift")
            if other != stream
        )
        rows.append(_ground("v", 2, type_=type_))
        rows.append(_ground("data", [], type_=type_))
        rows.extend(_bad(type_, *path, "more", value=1) for path in _structs(most))
    return rows


def _structs(value: Any, *path: str | int) -> list[tuple[str | int, ...]]:
    """The paths to all parts of a record that have fields of their own."""
    found: list[tuple[str | int, ...]] = []
    if isinstance(value, dict):
        if path and path[-1] not in {"digests", "taken_off", "cut_off", "changes", "was", "terms", "for"}:
            found.append(path)
        elif path:
            return []
        for key, inner in value.items():
            found += _structs(inner, *path, key)
    elif isinstance(value, list):
        for place, inner in enumerate(value[:1]):
            found += _structs(inner, *path, place)
    return found


#: Required fields by type: those of its smallest example, without the two that are optional.
REQUIRED: Final = {
    type_: set(least) - {"discount_applied": {"percent"}, "lines_moved": {"to_session", "line_ids"}}.get(type_, set())
    for type_, (_stream, least, _most) in GOOD.items()
}

#: Free texts beside a record, by field: what is special about them, and whether they may stand there.
TEXTS: Final[tuple[tuple[str, bool, dict[str, dict[str, str]]], ...]] = (
    ("none", True, {}),
    ("the longest", True, {"reason": {"salt": "s" * 250, "text": "x" * 1000}}),
    ("the longest, of characters that are long themselves", True, {"reason": {"salt": "s", "text": "😀" * 1000}}),
    ("as many as there may be", True, {f"text_{n}": {"salt": "s", "text": "x"} for n in range(20)}),
    ("one that was never said", True, {"other": {"salt": "s", "text": "x"}}),
    ("too long by one", False, {"reason": {"salt": "s", "text": "x" * 1001}}),
    ("too long by one, of characters that are long themselves", False, {"reason": {"salt": "s", "text": "ಖ" * 1001}}),
    ("too long, and never said", False, {"other": {"salt": "s", "text": "x" * 1001}}),
    ("one of two too long", False, {"note": {"salt": "s", "text": ""}, "reason": {"salt": "s", "text": "x" * 10**6}}),
    ("a salt of no length that is written", True, {"reason": {"salt": "s" * 251, "text": "x"}}),
    ("too many", False, {f"text_{n}": {"salt": "s", "text": "x"} for n in range(21)}),
)

ROWS: Final = (*_of_every_type(), *_IN_DATA, *_AROUND, *_HANDS, *_AS_TEXT)


def data_of(row: Row) -> dict[str, Any]:
    """The data of a row."""
    data: dict[str, Any] = json.loads(json.dumps(GOOD[row.type][2]))
    for path, value in row.data:
        place: Any = data
        for step in path[:-1]:
            place = place[step]
        if value is GONE:
            place.pop(path[-1], None)
        else:
            place[path[-1]] = value
    return data


def envelope_of(type_: str) -> dict[str, Any]:
    """Return the envelope of a type: written by a till, or by the database if that alone writes the type."""
    by = {"till": SERVER} if type_ in BY_SERVER else {}
    return {**ENVELOPE, **by, "type": type_, "stream_kind": GOOD[type_][0]}


def body_of(row: Row) -> str:
    """The text of a row, as a till would send it."""
    around = envelope_of(row.type) | {"data": data_of(row)} | dict(row.envelope)
    text = canonical({name: value for name, value in around.items() if value is not GONE})
    if row.text is None:
        return text
    old, new = row.text
    if text.count(old) != 1:
        raise ValueError(f"{old} is not once in the text of {row.name}")
    return text.replace(old, new)
