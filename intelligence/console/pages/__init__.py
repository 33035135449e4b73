"""One file for each topic: its addresses, what its forms say, and which page is shown then."""
