"""Time in official Chinese: points, ranges, durations, cadences, and how each becomes a date or a rule."""
