"""Screens, one package each: the state, the reducer for keys, the presenter and the sheets opened from it."""
