"""Pictures of the pages of attached files, drawn in a child that may be killed."""
