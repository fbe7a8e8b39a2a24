"""What in a readable file may not mean what it seems: found by name and content, told where it is small and asked where it is not."""
