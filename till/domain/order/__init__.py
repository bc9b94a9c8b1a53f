"""An order session: its events, its state, how each event changes it, what may be done to it, its snapshot."""
