"""The text of attached files, for searching only: read in a child that may be killed."""
