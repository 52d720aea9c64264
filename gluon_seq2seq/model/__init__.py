"""The chapter's formulas as Blocks, and the models of five papers made of them."""
