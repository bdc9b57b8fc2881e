"""The rollups in MongoDB: written in the transactions that write orders, read by range of days."""
