"""Everything of the front door that touches a socket or a folder of mail. Knows no model."""
