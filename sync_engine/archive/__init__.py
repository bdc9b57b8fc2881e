"""Old orders as Parquet files: written, read back, counted; and only then out of MongoDB."""
