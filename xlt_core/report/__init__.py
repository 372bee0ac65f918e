"""What is told: plans, parts, progress, scores, the run's folder."""
