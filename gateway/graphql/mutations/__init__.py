"""What can be changed: one mutation a module, with its input and payload."""
