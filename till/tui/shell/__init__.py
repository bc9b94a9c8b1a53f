"""The app around the screens: the queue of keys, the keymap, the terminal, and work done while no key is pressed."""
