"""What becomes of the work of tills that were apart, once they meet."""
