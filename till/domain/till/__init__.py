"""The till itself: its journal, wrong PINs at it, and acts of administration on it and on the venue."""
