"""The events of a till: its journal, shifts, wrong PINs, and acts of administration."""
