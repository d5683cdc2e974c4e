"""The log leaves the building: published and time-stamped heads, tiles, and witnesses of them."""
