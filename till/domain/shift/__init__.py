"""The shifts of a till: its drawer, and the sums of an X and a Z."""
