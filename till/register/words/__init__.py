"""Words of the counter that need no screen, each declared by one function in the file of its subject."""
