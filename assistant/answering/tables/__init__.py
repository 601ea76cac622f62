"""Words of questions: drug names and their synonyms, methods, scales, checks."""
