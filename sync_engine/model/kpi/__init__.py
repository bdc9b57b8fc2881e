"""What the KPIs are: definitions and the additive figures they are made of. Pure, no I/O."""
