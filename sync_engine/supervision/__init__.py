"""Child processes that never outlive the program, however it ends."""
