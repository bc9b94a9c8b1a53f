"""Administration on the server, for commands and the desk: the calls, the rights, and the acts of a manager."""
