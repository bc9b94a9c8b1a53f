"""What the register needs from outside, as protocols. `wiring` puts real parts behind them; tests may put others."""

from till.ports.journal import Head, Journal, Received, SessionMark
from till.ports.machine import Clock, PinCheck
from till.ports.saving import Attendance, Light, LightState, Outbox, Quality, Snapshots, StoreListener
from till.ports.store import (
    RemoteBooking,
    RemoteClearing,
    RemoteConflict,
    RemoteCustomer,
    RemotePurchase,
    RemoteRecord,
    RemoteSession,
    Store,
)

__all__ = [
    "Attendance",
    "Clock",
    "Head",
    "Journal",
    "Light",
    "LightState",
    "Outbox",
    "PinCheck",
    "Quality",
    "Received",
    "RemoteBooking",
    "RemoteClearing",
    "RemoteConflict",
    "RemoteCustomer",
    "RemotePurchase",
    "RemoteRecord",
    "RemoteSession",
    "SessionMark",
    "Snapshots",
    "Store",
    "StoreListener",
]
