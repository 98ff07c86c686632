"""Who takes it on: rules that suggest a partner, and the handovers that entrust a case to one."""
