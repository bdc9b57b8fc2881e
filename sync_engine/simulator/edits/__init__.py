"""Changes to a shop after its history: what merchants, customers and apps do while tests run."""
