"""What `make bench` runs: what a request costs the server, as a ratio to an empty view."""
