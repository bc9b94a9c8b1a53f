"""The sell screen, and the sheets about its order."""
