"""The command line: one file for each group of commands; no rules, only words and exit codes."""
