"""Makes the records of a shop, each from the shop's seed and the record's index alone.

Nothing here reads a clock, keeps state between records, or knows of edits and transports.
"""
