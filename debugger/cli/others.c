/* others.c - words of other debuggers (Bochs's bx_debug, gdb) that are no commands of ours: the command that they are here, or what to
 * write instead. Follows: the Bochs User Manual, "Using Bochs internal debugger"; the GDB manual. */
#include "parts.h"

struct other {
    const char *word;
    const char *here;           /* the command, to whose end the arguments are put; NULL: none */
    const char *instead;        /* what to say then */
};

static const struct other others[] = {
    { "sb", "catch count +", NULL }, { "sba", "catch count ", NULL }, { "ptime", "print time", NULL }, { "slist", "symbols ", NULL },
    { "monitor", "", NULL }, { "whatis", "print ", NULL }, { "dump", NULL, "writemem FILE ADDRESS N" },
    { "ldsym", NULL, "symbols load FILE[@OFFSET]" }, { "symbol-file", NULL, "symbols load FILE[@OFFSET]" },
    { "add-symbol-file", NULL, "symbols load FILE[@OFFSET]" }, { "file", NULL, "symbols load FILE[@OFFSET]" },
    { "addlyt", NULL, "on-stop COMMANDS" }, { "lyt", NULL, "on-stop COMMANDS" }, { "remlyt", NULL, "on-stop off" },
    { "display", NULL, "on-stop COMMANDS, such as: on-stop print ticks" }, { "undisplay", NULL, "on-stop off" },
    { "ptype", NULL, "print *(TYPE *) ADDRESS, which names the members, and print sizeof(TYPE)" },
    { "setmagicbps", NULL, "the option -debug-magic, for xchg bx, bx" }, { "clrmagicbps", NULL, "the option -debug-magic" },
    { "query", NULL, "irq, which tells what is pending and why it does not come" },
    { "take", NULL, "key, out and set, or the device itself: interrupts come from their sources, and irq tells of them" },
    { "if", NULL, "break ADDRESS if EXPRESSION, or continue if EXPRESSION" }, { "cpu", NULL, "info lapic; there is one processor" },
    { "restore", NULL, "loadvm FILE for a machine, loadmem FILE ADDRESS for memory" },
    { "instrument", NULL, "trace CLASSES, and trace summary" }, { "doit", NULL, "nothing: it was for who wrote that debugger" },
    { "vmexitbp", NULL, "nothing: no model of the processor has VMX" },
    { "sse", NULL, "fpu and mmx: no model of the processor has XMM registers" }, { "xmm", NULL, "mmx: there are no XMM registers" },
    { "avx", NULL, "fpu and mmx: there are no YMM registers" }, { "ymm", NULL, "mmx: there are no YMM registers" },
    { "zmm", NULL, "mmx: there are no ZMM registers" }, { "amx", NULL, "fpu and mmx: there are no tiles" },
    { "tile", NULL, "fpu and mmx: there are no tiles" },
    { "clear", NULL, "delete NUMBER, as blist shows it" },
    { "run", NULL, "reset, then continue" }, { "start", NULL, "reset, then continue" },
    { "kill", NULL, "quit" }, { "detach", NULL, "continue" }, { "jump", NULL, "set eip = OFFSET, then continue" },
    { "call", NULL, "print: code of the guest runs in the guest alone" }, { "printf", NULL, "print/FORMAT EXPRESSION" },
    { "echo", NULL, "a line that begins with #" }, { "silent", NULL, "nothing: a stop is always told" },
    { "find", NULL, "writemem FILE ADDRESS N, or memory ADDRESS N | grep TEXT" }, { "shell", NULL, "COMMAND | PROGRAM" },
    { "layout", NULL, "on-stop COMMANDS; or gdb -tui at the option -gdb" }, { "tui", NULL, "gdb -tui at the option -gdb" },
    { "target", NULL, "the option -gdb, and gdb" }, { "handle", NULL, "catch exception VECTOR, catch interrupt VECTOR" },
};

bool other_word(struct debugger *d, const char *word, const char *rest)
{
    char line[sizeof d->last + TEXT];
    rest += strspn(rest, " \t\n");
    for (size_t k = 0; k < ARRAY_LEN(others); k++) {
        if (strcmp(word, others[k].word))
            continue;
        snprintf(line, sizeof line, "%s%s", others[k].here ? others[k].here : "", rest);
        if (others[k].here)
            debugger_command(d, line);
        else
            refuse(d, "%s is another debugger's; here: %s", word, others[k].instead);
        return true;
    }
    return false;
}
