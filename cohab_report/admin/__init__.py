"""The admins' pages, at the mouth of the river: they read every package, and no package reads them."""
