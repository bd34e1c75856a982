"""One job from its claim to its last acknowledged event, each concern a small object.

`record`: the journal and what follows from it · `shipping`: batches to the server · `desk`: permits · `inputs`: data and
tokenizer · `child`, `crew`: the processes · `best`: the best model's upload · `keeper`: who ties them together ·
`recovery`: jobs that an earlier process left behind.
"""
