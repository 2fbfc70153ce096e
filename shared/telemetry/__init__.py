"""What is seen: the trace of a request, its log lines, the metrics of a process."""
