"""Sentences <-> tokens, as gluon_seq2seq has them."""
