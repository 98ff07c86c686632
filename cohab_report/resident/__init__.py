"""The residents' pages: reporting step by step, the receipt, following, the public list.

They decide nothing: `intake` does.
"""
