"""Good calls of every public callable, a file for each part of the book and each tool; the battery spoils them."""
