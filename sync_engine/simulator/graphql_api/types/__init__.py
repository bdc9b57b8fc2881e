"""How each type of the schema gets its fields from the records; one module per group of types."""
