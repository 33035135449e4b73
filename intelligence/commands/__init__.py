"""What is done at the host by whoever runs the channel, while nobody else works with it."""
