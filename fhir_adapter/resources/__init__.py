"""One module a resource type: what it contributes to the facts of a patient."""
