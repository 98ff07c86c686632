"""The counter: staff enter an observation for a caller, with the residents' questions and the same intake."""
