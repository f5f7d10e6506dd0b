"""Benchmarks: our parts against bare ones, in the same run. They may touch every floor."""
