"""Tests: their tree is the tree of the app."""
