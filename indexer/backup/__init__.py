"""The home in one sealed file, and out of it again."""
