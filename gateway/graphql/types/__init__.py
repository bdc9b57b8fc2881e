"""The exported types, one topic a module; docstrings are their descriptions for API users."""
