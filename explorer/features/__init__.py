"""What a network's features are, drawn: pictures that climb a class, a unit, or to another picture's representation.

Maps of one picture are `explorer.attribution`; attacks, which stay near the picture, are `explorer.attacks`.
"""
