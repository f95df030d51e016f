/* scratch.h - a folder of its own for a test, in which it works until it leaves. Include after <setjmp.h>, <stdarg.h>. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tree.h"
#include <cmocka.h>

struct scratch { char folder[32], before[200]; };

static inline void scratch_enter(struct scratch *s)
{
    strcpy(s->folder, "/tmp/vitrine-test.XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    assert_non_null(getcwd(s->before, sizeof s->before));
    assert_int_equal(chdir(s->folder), 0);
}

/* And all that is in it goes. */
static inline void scratch_leave(const struct scratch *s)
{
    assert_int_equal(chdir(s->before), 0);
    tree_remove(s->folder);
}
