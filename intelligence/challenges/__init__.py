"""Challenges: somebody thinks that they are listed, and is told by nobody whether they are."""
