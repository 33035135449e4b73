"""The screening API: how a token becomes an answer, and who may ask."""
