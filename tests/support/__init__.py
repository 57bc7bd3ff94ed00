"""What several tests share: programs they need, notes, readers of artifacts, stand-ins."""
