"""What the register needs from outside, as protocols. `wiring` puts real parts behind them; tests may put others."""

from till.ports.journal import Head, Journal, Received, SessionMark
from till.ports.machine import Clock, PinCheck
from till.ports.saving import Attendance, Light, LightState, Outbox, Quality, Snapshots, StoreListener
from till.ports.store import (
    RemoteAccount,
    RemoteBooking,
    RemoteClearing,
    RemoteConflict,
    RemoteCustomer,
    RemotePurchase,
    RemoteRecord,
    RemoteSession,
    RemoteVoucher,
    SaleSearch,
    Store,
)
from till.ports.tender import Answer, Charge, ChargeReference, HealthTold, Hurried, Outcome, Slip, Tender, TenderTraits

__all__ = [
    "Answer",
    "Attendance",
    "Charge",
    "ChargeReference",
    "Clock",
    "Head",
    "HealthTold",
    "Hurried",
    "Journal",
    "Light",
    "LightState",
    "Outbox",
    "Outcome",
    "PinCheck",
    "Quality",
    "Received",
    "RemoteAccount",
    "RemoteBooking",
    "RemoteClearing",
    "RemoteConflict",
    "RemoteCustomer",
    "RemotePurchase",
    "RemoteRecord",
    "RemoteSession",
    "RemoteVoucher",
    "SaleSearch",
    "SessionMark",
    "Slip",
    "Snapshots",
    "Store",
    "StoreListener",
    "Tender",
    "TenderTraits",
]
