"""The questions, one a page, from the danger screen to the belongings check, and where it is."""
