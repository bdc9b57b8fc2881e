"""Measures and traces what the engine and the door do; alone knows Prometheus and OpenTelemetry."""
