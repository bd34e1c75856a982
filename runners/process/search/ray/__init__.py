"""`hyperparameter_search(backend="ray")`: one call for the whole job, its search algorithm wrapped to ask for permits."""
