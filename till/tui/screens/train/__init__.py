"""The screen of training between drills: the score of the last one, its days, and the next to choose."""
