"""The commands: a file for each noun. They print and never decide."""
