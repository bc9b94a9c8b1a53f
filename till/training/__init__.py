"""Training: simulated guests, drills, and the score of a cashier. It uses the register, but no screen."""
