/* t_drawing.c - a run in time, drawn: marks fall into their columns, lanes are counted, names are escaped. The page tables' picture is one
 * of the transcripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../../debugger/drawing/drawing.h"
#include "../../../host/text.h"

static const struct timeline_span spans[] = { { 0, "real" }, { 3200, "protected" } };
static const struct timeline_lane lanes[] = { { "0d #GP" }, { "a<b&c" } };

static char *drawn(const struct timeline *t, void (*draw)(const struct timeline *t, FILE *out))
{
    struct text *text = text_new();
    draw(t, text_file(text));
    return text_take(text, NULL);
}

static void has(const char *text, const char *what)
{
    if (!strstr(text, what))
        fail_msg("\"%s\" is not in \"%s\"", what, text);
}

static void columns(void **state)
{
    struct timeline_mark marks[14] = { { 0, 0 }, { 6400, 0 }, { 100, 1 } };
    struct timeline t = { 0, 6400, spans, 2, lanes, 2, marks, 14 };
    (void)state;
    for (int k = 3; k < 14; k++)
        marks[k] = (struct timeline_mark) { 3250, 1 };
    char *text = drawn(&t, timeline_print);
    has(text, "mode                   rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrpppppppppppppppppppppppppppppppp\n");
    has(text, "0d #GP                 1..............................................................1 2\n");
    has(text, "a<b&c                  .1..............................#............................... 12\n");
    free(text);
    text = drawn(&t, timeline_draw);
    has(text, "a&lt;b&amp;c");
    assert_null(strstr(text, "a<b"));
    has(text, ">protected</text>");
    has(text, "</svg>");
    free(text);
}

static void nothing(void **state)
{
    struct timeline t = { 0 };
    (void)state;
    char *text = drawn(&t, timeline_print);
    assert_string_equal(text, "nothing happened yet\n");
    free(text);
    text = drawn(&t, timeline_draw);
    has(text, "</svg>");
    free(text);
}

/* More columns than nanoseconds, and marks outside. */
static void short_time(void **state)
{
    static const struct timeline_mark marks[] = { { 5, 0 }, { 9, 0 }, { 6, 0 } };
    struct timeline t = { 6, 6, spans, 1, lanes, 1, marks, 3 };
    (void)state;
    char *text = drawn(&t, timeline_print);
    has(text, " 3\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(columns), cmocka_unit_test(nothing), cmocka_unit_test(short_time) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
