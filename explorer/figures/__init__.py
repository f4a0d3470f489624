"""Results drawn and told: figures, pictures, sentences, files. Pure: nothing here computes or shows."""
