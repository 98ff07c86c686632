"""What the pages of the public figures and of the committee share: captions, tables, the quarter that is read."""
