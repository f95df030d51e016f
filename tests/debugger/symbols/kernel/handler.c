/* handler.c - handlers that the compiler makes, optimized: what it tells of their frames speaks of a return address. Not with kernel.h, for
 * there they are what gates lead to. */
struct pushed { unsigned eip, cs, eflags; };

static volatile unsigned seen;

static void note(unsigned code)
{
    seen = code;
}

__attribute__((interrupt)) void breakpoint(struct pushed *by)
{
    note(by->eip);
}

__attribute__((interrupt)) void refused(struct pushed *by, unsigned error)
{
    note(error);
    by->eip += 2;
}
