"""What a till does: sells, takes money, keeps tabs, lets people in, finds what a crash left. It knows ports alone."""
