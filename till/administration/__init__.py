"""Administration at the server: the calls, who may make them, and the acts of a manager. For commands and the desk."""
