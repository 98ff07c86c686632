"""The residents’ own pages: reporting step by step, the receipt, following, the public list. Whatever they do, intake does."""
