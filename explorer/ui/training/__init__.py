"""The Training page: models trained while one looks on."""
