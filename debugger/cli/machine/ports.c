/* ports.c - the debugger's commands that act on the machine from outside: ports, the keyboard; and what its screen shows. */
#include "format.h"

/* "byte", "word", "dword" in front, or the letter at the command's end: inb, outw, ind. *first is the argument behind. */
static int width_read(int argc, char **argv, int *first)
{
    static const char *const names[] = { "byte", "word", "dword" };
    const char *letter = strchr("bwdl", argv[0][strlen(argv[0]) - 1]);
    *first = 1;
    for (int k = 0; argc > 1 && k < 3; k++) {
        if (!strcmp(argv[1], names[k])) {
            *first = 2;
            return 1 << k;
        }
    }
    bool of_name = letter && (!strncmp(argv[0], "in", 2) ? strlen(argv[0]) == 3 : strlen(argv[0]) == 4);
    return !of_name || *letter == 'b' ? 1 : *letter == 'w' ? 2 : 4;
}

static bool port_read(struct debugger *d, const char *text, u64 *port)
{
    if (!expression_value(d, text, 16, port))
        return false;
    if (*port > 0xffff)
        refuse(d, "port %llx: there are 0 to ffff", (unsigned long long)*port);
    return *port <= 0xffff;
}

/* As the guest's own IN would: the device notices. */
void do_in(struct debugger *d, int argc, char **argv)
{
    int first, width = width_read(argc, argv, &first);
    u64 port;
    if (argc != first + 1) {
        refuse(d, "in [byte | word | dword] PORT, such as: in 60");
        return;
    }
    if (port_read(d, argv[first], &port) && may_change(d))
        fprintf(d->out, "%0*llx\n", 2 * width, (unsigned long long)(space_read(machine_ports(d->m), port, width) & mask_bytes(width)));
}

void do_out(struct debugger *d, int argc, char **argv)
{
    int first, width = width_read(argc, argv, &first);
    u64 port, v;
    if (argc != first + 2) {
        refuse(d, "out [byte | word | dword] PORT VALUE, such as: out 80 12");
        return;
    }
    if (!port_read(d, argv[first], &port) || !expression_value(d, argv[first + 1], 16, &v))
        return;
    if ((v & ~mask_bytes(width)) && (v | mask_bytes(width) >> 1) != ~0ull)
        refuse(d, "0x%llx does not fit into %d bits", (unsigned long long)v, 8 * width);
    else if (may_change(d))
        space_write(machine_ports(d->m), port, v & mask_bytes(width), width);
}

void do_screen(struct debugger *d, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    if (!d->desk.screen) {
        refuse(d, "this machine has no screen");
        return;
    }
    size_t n = d->desk.screen(d->desk.to, NULL, 0);
    char *text = xcalloc(n + 1, 1);
    d->desk.screen(d->desk.to, text, n + 1);
    while (n > 1 && text[n - 1] == '\n' && text[n - 2] == '\n')
        n--;
    fwrite(text, 1, n, d->out);
    if (!n)
        refuse(d, "no text: a picture, or nothing");
    free(text);
}

void do_key(struct debugger *d, int argc, char **argv)
{
    char text[sizeof d->last], error[300];
    words_join(argc, argv, 1, text, sizeof text);
    if (argc < 2)
        refuse(d, "which? TEXT as for -send, such as: key dir\\n, key <f1>, key <ctrl-alt-del>");
    else if (!d->desk.type)
        refuse(d, "this machine has no keyboard");
    else if (!d->desk.type(d->desk.to, text, error, sizeof error))
        refuse(d, "%s", error);
}
