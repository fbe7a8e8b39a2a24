"""What a notebook records, and how it is read back."""
