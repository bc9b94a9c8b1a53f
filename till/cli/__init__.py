"""The commands of design §17: a file for each noun. They print and never decide."""
