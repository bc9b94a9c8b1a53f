"""Events: the envelope, the chain of a journal, the event classes and their registry."""
