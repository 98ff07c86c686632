"""The transfer of a case to the police: an act of its own, on pages of its own, that no rule and no list offers."""
