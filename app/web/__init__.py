"""The edge to browsers and platforms."""
