"""What this project is made of, and whether a hole in it is known."""
