"""A screening service: is this phone, card or e-mail on the list - yes or no."""
