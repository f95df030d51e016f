/* format.h - how values are shown: the /4wx of "x/4wx" and "print/x". Follows: the GDB manual, "Output Formats", "Examining Memory". */
#pragma once
#include "../parts.h"

struct format {
    u64 count;
    bool counted, sized, lettered;      /* it was said, and is not from before */
    char letter, size;                  /* x d u o t c s i a f z m; b h w g */
};

/* What "/4wx" says; the rest stays as it is. False with a message. */
bool format_read(struct debugger *d, const char *text, struct format *f);
/* In bytes. */
int format_bytes(char size);
/* A number of so many bytes, filled up with zeros where numbers stand in a row. */
void format_print(struct debugger *d, u64 v, int bytes, char letter, bool row);
/* A string in memory in quotes, up to its 0; how many bytes it has with that. 0: nothing is there. */
u64 format_string(struct debugger *d, const struct location *at);
