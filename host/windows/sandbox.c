/* sandbox.c - see ../sandbox.h. Not yet: Windows' restricted tokens and job objects bind a program that another one starts. */
#include "../sandbox.h"
#include <stdio.h>

bool sandbox_possible(const char **why)
{
    *why = "on Windows a program cannot give up its own rights; run it as a user with fewer, or in Windows Sandbox";
    return false;
}

bool sandbox_enter(const struct outputs *o, bool attended, char *message, size_t n)
{
    const char *why;
    (void)o, (void)attended;
    sandbox_possible(&why);
    snprintf(message, n, "it is off: %s", why);
    return false;
}
