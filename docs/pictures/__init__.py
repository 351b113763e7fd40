"""The pictures in the README, and the scripts that make them: `make pictures`."""
