"""The result beside each bill: what it says, and making what lies there equal to what is owed.

Pure: `build` (facts to JSON to bytes), `recognise` (bytes to what they
say), `schema` (the format in JSON Schema). The disk is touched by `beside` (the operations) and
`placing` (one file put in its place whole or not at all).

Never lives here: choosing what is owed, Nectar, and the originals, whose permissions are read and
nothing else.
"""
