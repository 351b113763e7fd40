"""The edge to Slack: commands, buttons and events come in, answers and notices go out."""
