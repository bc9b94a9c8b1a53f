"""The screen: Textual stands here and nowhere else. It draws what it is given and says what was pressed."""
