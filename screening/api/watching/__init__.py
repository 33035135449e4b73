"""What a search of the list looks like from here: canaries that match, and counts that deviate."""
