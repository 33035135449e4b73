"""Partners as the console knows them: how each stands, and what people order for them."""
