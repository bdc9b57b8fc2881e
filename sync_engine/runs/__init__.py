"""What is done: plans a run, executes its stages, checkpoints, resumes, reports progress."""
