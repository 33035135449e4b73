"""The `gen-screen` commands, one module for each thing a person does with them."""
