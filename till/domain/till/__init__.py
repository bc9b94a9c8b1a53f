"""The till itself: its journal, wrong PINs at it, and what administration does to it and to the venue."""
