"""Load scenarios and benchmarks; they talk to loopback only, and end by themselves."""
