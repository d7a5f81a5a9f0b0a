"""The result beside each bill: what it says, and making what lies there equal to what is owed.

Pure: `build` (facts to JSON to bytes), `recognise` (bytes to what they say), `reading_back` (to
the values they were written from), `schema` (the format in JSON Schema). On the disk: `beside`
(looking, writing, removing), on top of `placing` (one file in its place whole or not at all),
`readers` (who may read the bill) and `failures` (what an error of the system means here).

Never lives here: choosing what is owed, Nectar, and the originals, whose permissions are read and
nothing else.
"""
