"""What every room stands on: diagnostics, digests, durable writes, events. Knows nothing of images."""
