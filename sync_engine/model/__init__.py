"""Pure values and rules: canonical records, ids, money, run state, errors. No I/O."""
