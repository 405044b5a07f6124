"""Pictures of every kind of object that is displayed, to be looked at by whoever changes how."""
