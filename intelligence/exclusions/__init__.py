"""The safety lists as the console knows them: what is never listed, and what people order of it."""
