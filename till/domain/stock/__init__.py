"""Stock: what a venue keeps on its shelves, and what people say of it."""
