"""MTL-WS: translate, project labels, warm up on many languages, then adapt."""
