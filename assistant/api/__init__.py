"""The HTTP surface: public API, problem details, and the page on the same port."""
