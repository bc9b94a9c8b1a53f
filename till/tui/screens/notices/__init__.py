"""The screen of notices: what others did to this till's orders, listed until somebody has seen it."""
