"""A simulated call, without Twilio: for `python -m app ring` and for the playground."""
