"""Where the state and the audit log are kept: one contract, several backends."""
