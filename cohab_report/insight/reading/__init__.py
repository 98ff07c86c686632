"""How figures and the plan are read: pages, tables, charts, files and sentences, made of what is published and of nothing else."""
