"""How much a partner may ask: what it spends here, on this host, and in the whole deployment."""
