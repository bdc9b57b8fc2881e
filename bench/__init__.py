"""What proves the speed claims: `python -m bench` runs all of it and prints the figures."""
