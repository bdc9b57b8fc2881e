"""Settings, their defaults, and the set-up of logging."""
