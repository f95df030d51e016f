/* explain.c - the instruction at hand, one elsewhere, or one that is typed as bytes, as the machine does it. */
#include "parts.h"
#include "../explain/explain_insn.h"

enum { BYTES_MOST = 15 };

/* `explain bytes 0f 01 c8`, or without blanks. False, with the reason said. */
static bool bytes_typed(struct debugger *d, int argc, char **argv, u8 *bytes, int *n)
{
    *n = 0;
    for (int k = 2; k < argc; k++)
        for (const char *at = argv[k]; *at; at += 2) {
            char two[3] = { at[0], at[1], 0 };
            if (strspn(at, "0123456789abcdefABCDEF") < 2) {
                refuse(d, "%s: bytes are pairs of hexadecimal digits, such as: explain bytes 0f 01 e0", argv[k]);
                return false;
            }
            if (*n == BYTES_MOST) {
                refuse(d, "an instruction has at most %d bytes", BYTES_MOST);
                return false;
            }
            bytes[(*n)++] = (u8)strtoul(two, NULL, 16);
        }
    if (!*n)
        refuse(d, "which bytes? such as: explain bytes 0f 01 e0");
    return *n;
}

void do_explain(struct debugger *d, int argc, char **argv)
{
    struct explain_wish wish = { .elsewhere = false };
    u8 bytes[BYTES_MOST];
    if (argc > 1 && !strcmp(argv[1], "fault")) {
        do_fault(d, argc - 1, argv + 1);
        return;
    }
    if (argc > 1 && !strcmp(argv[1], "bytes")) {
        if (!bytes_typed(d, argc, argv, bytes, &wish.n))
            return;
        wish.bytes = bytes;
    } else if (argc > 1) {
        char text[256];
        words_join(argc, argv, 1, text, sizeof text);
        if (!code_address(d, text, &wish.linear))
            return;
        wish.elsewhere = true;
    }
    explain_insn(d->cpu, d->symbols, &wish, d->out);
}
