"""What the commands share: options, streams, messages."""
