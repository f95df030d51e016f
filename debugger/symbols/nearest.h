/* nearest.h - how far a word is from another, for "did you mean". */
#pragma once
#include "../../host/base.h"

/* Edits from one word to the other, a swap of neighbours as one; more than `most` are told as most + 1. Of long words, the beginnings. */
int word_distance(const char *a, const char *b, int most);
