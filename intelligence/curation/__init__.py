"""The list as people keep it: what is said of whom, who wants it changed, who has approved it."""
