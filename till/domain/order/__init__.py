"""An order session: its events, its state, the fold of events, the decisions on it, and its snapshot."""
