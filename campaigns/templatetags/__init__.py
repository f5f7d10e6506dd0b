"""Small filters and tags of the templates."""
