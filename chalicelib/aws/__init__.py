"""The only place that knows AWS: the table, the bucket, the queues, the sender."""
