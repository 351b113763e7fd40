"""What each word after `/frontdoor`, and each button, comes to: one module for each noun, the same as in use cases."""
