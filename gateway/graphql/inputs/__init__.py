"""What clients send: filters and the inputs of mutations."""
