"""Things that go wrong on purpose: which requests are hit, and what happens to them.

`actions` documents every action with its JSON.
"""
