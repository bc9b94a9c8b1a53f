"""Training: simulated customers, drills, and the score of a cashier; it rests on the register and knows no screen."""
