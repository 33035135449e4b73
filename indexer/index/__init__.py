"""From selectors to the index of one token key: slow hashes, generations, overlays."""
