"""What a merge of two cases changed, kept so that it can be undone exactly. No page undoes one yet."""
