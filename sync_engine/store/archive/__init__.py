"""Orders on their way between MongoDB and files, and the list of the files that count."""
