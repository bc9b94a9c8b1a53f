"""What every test stands on: its own folders, and on request a real PostgreSQL."""

pytest_plugins = ["tests.plugins.folders", "tests.plugins.database", "tests.plugins.terminals"]
