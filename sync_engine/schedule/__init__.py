"""When: APScheduler jobs that find what is due in MongoDB and hand it over, and no more."""
