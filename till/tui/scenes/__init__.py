"""What the screen can be about: logging in, selling, taking money, being locked. Scenes decide; widgets draw."""
