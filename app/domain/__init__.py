"""The rules of the door. Pure values and functions; imports nothing but the standard library."""
