"""Routing: rules that suggest a partner for a case, and handovers that entrust a case to one."""
