"""What both directions know of wheels: their places, RECORD, documents, commands, and how one is read and checked."""
