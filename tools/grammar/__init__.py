"""A synchronous grammar that writes English and French at once.

:mod:`.lexicon` has the words, :mod:`.structure` what a sentence says. :mod:`.sampler`, upon
:mod:`.phrases`, draws sentences that make sense; :mod:`.synchronous`, upon :mod:`.naming`, writes
both languages, with the alignment and every valid translation's probability. :mod:`.english`,
:mod:`.french` and :mod:`.hidden` are what it knows of the two languages, and of what one says and
the other does not; :mod:`.mini` makes the bundled corpus of it.
"""
