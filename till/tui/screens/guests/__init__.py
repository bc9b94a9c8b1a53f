"""Who the guests are, and what they say: sheets over the sell screen."""
