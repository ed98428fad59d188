"""Two wheels of one project -> what differs, and which differences are explained."""
