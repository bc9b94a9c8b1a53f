"""The configuration and the data folder of a till."""

from till.config.folders import Folders, HeldVenue, VenueKind, held_venue, hold_venue
from till.config.model import (
    EMBEDDED,
    HAND,
    SERVER,
    Config,
    DatabaseConfig,
    GatewayConfig,
    LogConfig,
    MetricsConfig,
    RetentionConfig,
    SessionConfig,
    SyncConfig,
    TenderConfig,
    TillConfig,
    UiConfig,
)
from till.config.reading import (
    check_value,
    config_place,
    find_config,
    place_of,
    read_config,
    read_value,
    read_venue_keys,
)
from till.config.writing import write_config

__all__ = [
    "EMBEDDED",
    "HAND",
    "SERVER",
    "Config",
    "DatabaseConfig",
    "Folders",
    "GatewayConfig",
    "HeldVenue",
    "LogConfig",
    "MetricsConfig",
    "RetentionConfig",
    "SessionConfig",
    "SyncConfig",
    "TenderConfig",
    "TillConfig",
    "UiConfig",
    "VenueKind",
    "check_value",
    "config_place",
    "find_config",
    "held_venue",
    "hold_venue",
    "place_of",
    "read_config",
    "read_value",
    "read_venue_keys",
    "write_config",
]
