"""What many views of the API do alike."""
