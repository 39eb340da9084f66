"""`make bench`: the hub measured against its own targets, in one run, as ratios, counts and medians."""
