"""Does what people may ask for: hands over what is stored about them, and erases it."""
