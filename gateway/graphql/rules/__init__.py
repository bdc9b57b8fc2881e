"""What a document must obey before anything of it is executed."""
