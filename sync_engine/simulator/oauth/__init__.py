"""Installing an app: authorization codes, access tokens and their renewal."""
