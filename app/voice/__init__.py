"""The edge to Twilio: calls come in as signed webhooks and are answered with TwiML."""
