"""What can be done with a door: load, decide, commit, tell."""
