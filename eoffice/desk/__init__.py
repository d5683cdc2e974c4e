"""The desk: what awaits a person, what they gave away, what is late; several things done at once.

It stands above the slices because those do not know one another. What awaits somebody is asked of
the queries of each slice; what was given away and what is late is one list over several slices,
read here and written nowhere. Bulk steps call the same actions as the single ones.
"""
