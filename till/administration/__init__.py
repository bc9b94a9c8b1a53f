"""What a manager does at the server: the calls, who may make them, and what each act is. For commands and the desk."""
