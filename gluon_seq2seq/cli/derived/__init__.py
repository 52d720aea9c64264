"""What is made of a trained model for other uses: graphs, a table of phrases."""
