"""The command line: one file a verb, and only click is imported until a verb is called."""
