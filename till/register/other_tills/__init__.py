"""What other tills did: late lines, what changed under a cashier's hands, and the sentences that tell of it."""
