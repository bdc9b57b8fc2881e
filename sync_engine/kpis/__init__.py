"""The KPIs: keeps the rollups whole, and makes reports of them."""
