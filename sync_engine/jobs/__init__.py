"""Who runs it: hands work to this process, or to any worker that finds it in MongoDB."""
