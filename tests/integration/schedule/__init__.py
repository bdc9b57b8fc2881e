"""Tests of what is done again and again."""
