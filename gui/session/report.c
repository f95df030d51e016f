/* report.c - see report.h. JSON: RFC 8259. */
#include "report.h"
#include "../../host/output.h"
#include "../../iodev/session/cp437.h"
#include "../../iodev/session/steps.h"
#include <stdio.h>

static void put_unicode(FILE *f, u16 c)
{
    if (c == '"' || c == '\\')
        fprintf(f, "\\%c", c);
    else if (c < 0x20)
        fprintf(f, "\\u%04x", c);
    else if (c < 0x80)
        fputc(c, f);
    else if (c < 0x800)
        fprintf(f, "%c%c", 0xc0 | c >> 6, 0x80 | (c & 63));
    else
        fprintf(f, "%c%c%c", 0xe0 | c >> 12, 0x80 | (c >> 6 & 63), 0x80 | (c & 63));
}

/* A string of ours or of the command line: its bytes above 7F are UTF-8 already. */
static void put_string(FILE *f, const char *text)
{
    if (!text) {
        fputs("null", f);
        return;
    }
    fputc('"', f);
    for (; *text; text++)
        if ((u8)*text < 0x80)
            put_unicode(f, (u8)*text);
        else
            fputc(*text, f);
    fputc('"', f);
}

/* Rows without the blanks at their ends. */
static void put_rows(FILE *f, const struct text_screen *t)
{
    fputc('[', f);
    for (int row = 0; row < t->rows; row++) {
        const u8 *cells = t->character + row * t->columns;
        int n = t->columns;
        while (n && cp437_unicode(cells[n - 1]) == ' ')
            n--;
        fputs(row ? ",\n    \"" : "\n    \"", f);
        for (int k = 0; k < n; k++)
            put_unicode(f, cp437_unicode(cells[k]));
        fputc('"', f);
    }
    fputc(']', f);
}

static void put_screen(FILE *f, struct screen screen)
{
    struct text_screen *t = xcalloc(1, sizeof *t);
    struct frame frame = { 0 };
    char hash[33];
    screen.draw(screen.dev, &frame, true, true);
    screen_hash(screen, hash);
    fprintf(f, "{\"width\": %d, \"height\": %d, \"hash\": \"%s\", \"text\": ", frame.width, frame.height, hash);
    if (screen.text(screen.dev, t))
        put_rows(f, t);
    else
        fputs("null", f);
    fputs("}", f);
    frame_free(&frame);
    free(t);
}

bool report_write(struct output *out, const struct report *r, char *error, size_t n)
{
    FILE *f = output_file(out);
    fputs("{\"ended\": ", f);
    put_string(f, r->ended);
    fprintf(f, ",\n \"exit_code\": %d,\n \"pending\": ", r->exit_code);
    put_string(f, r->pending);
    fputs(",\n \"media\": ", f);
    put_string(f, r->media);
    fprintf(f, ",\n \"virtual_ns\": %llu,\n \"instructions\": %llu,\n \"triple_faults\": %llu,\n \"work_most\": %llu,\n \"screen\": ",
            (unsigned long long)r->virtual_ns, (unsigned long long)r->insns, (unsigned long long)r->triple_faults,
            (unsigned long long)r->work_most);
    put_screen(f, r->screen);
    fputs("}\n", f);
    return output_commit(out, error, n);
}
