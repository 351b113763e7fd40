"""The playground: the real server with a pretended workspace and intercom. Never part of the real one."""
