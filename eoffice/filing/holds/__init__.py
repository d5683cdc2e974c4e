"""Khóa, giữ hồ sơ và văn bản: nothing of it is changed, moved or disposed of."""
