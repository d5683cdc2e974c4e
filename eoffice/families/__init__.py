"""Results for families: a private page for each pupil behind a link and a code, slips on paper."""
