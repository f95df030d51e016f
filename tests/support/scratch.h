/* scratch.h - a folder of its own for a test, in which it works until it leaves. Include after <setjmp.h>, <stdarg.h>. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tree.h"
#include "../../host/folder.h"
#include "../../host/process.h"
#include <cmocka.h>

struct scratch { char folder[40]; };

/* In the build's folder, as all that tests leave when they die. */
static inline void scratch_enter(struct scratch *s)
{
    char inside[sizeof s->folder + 2];
    snprintf(s->folder, sizeof s->folder, "scratch.%llu", (unsigned long long)process_id());
    snprintf(inside, sizeof inside, "%s/x", s->folder);
    tree_remove(s->folder);
    folder_make_for(inside);
    assert_int_equal(chdir(s->folder), 0);
}

/* And all that is in it goes. */
static inline void scratch_leave(const struct scratch *s)
{
    assert_int_equal(chdir(".."), 0);
    tree_remove(s->folder);
}
