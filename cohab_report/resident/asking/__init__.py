"""The form's question pages, from the danger screen to the belongings check, and the page of the place."""
