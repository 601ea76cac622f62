"""Documents that a site adds: read, screened, cut into passages and kept."""
