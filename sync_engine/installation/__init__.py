"""Connects shops, keeps their tokens good, and lets them go."""
