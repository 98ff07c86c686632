"""Attackers: what somebody outside tries on a running site, with figures of how far it leads; `test_*` call them."""
