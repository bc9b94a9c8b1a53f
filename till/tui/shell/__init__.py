"""The app around the screens: the queue of keys, which key is which command, the terminal, moments without keys."""
