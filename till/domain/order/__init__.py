"""The order session: its events, state, fold, decisions and snapshot."""
