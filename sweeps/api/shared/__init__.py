"""What many views of the API do alike: pages, chosen fields, tags of versions, answers that are given once."""
