"""Who must hear of it: deliveries, made from the journal and sent by a worker."""
