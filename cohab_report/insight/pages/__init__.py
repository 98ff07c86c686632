"""The pages of the plan and of figures, with their tables, charts, files and sentences, made of publications alone."""
