"""The papers of a till: what is to be printed, its states, and the runner that prints it (ADR 0064)."""
