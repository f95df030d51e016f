/* map.c - see map.h. SVG: W3C Recommendation "Scalable Vector Graphics (SVG) 1.1", basic shapes and text. */
#include "map.h"

struct map { struct space_region *region; int count; };

struct range {
    u64 first, last;
    const struct space_region *read, *write;    /* who answers; NULL: nobody */
};

static void keep(void *to, const struct space_region *r)
{
    struct map *m = to;
    if (!r->enable || !r->size)
        return;
    m->region = xrealloc(m->region, (size_t)(m->count + 1) * sizeof *m->region);
    m->region[m->count++] = *r;
}

/* The first in the list, which is by falling priority. */
static const struct space_region *who(const struct map *m, u64 address, int side)
{
    for (int k = 0; k < m->count; k++) {
        const struct space_region *r = &m->region[k];
        if ((r->enable & side) && address >= r->base && address - r->base < r->size)
            return r;
    }
    return NULL;
}

/* Where the next region begins or ends behind `address`; 0: nowhere. */
static u64 next_edge(const struct map *m, u64 address)
{
    u64 best = 0;
    for (int k = 0; k < m->count; k++) {
        const u64 edges[2] = { m->region[k].base, m->region[k].base + m->region[k].size };
        for (int e = 0; e < 2; e++)
            if (edges[e] > address && (!best || edges[e] < best))
                best = edges[e];
    }
    return best;
}

/* The ranges from the lowest address on in which the same regions answer. False behind the last. */
static bool next_range(const struct map *m, u64 *at, struct range *r)
{
    u64 edge;
    *r = (struct range) { .first = *at, .read = who(m, *at, REGION_READ), .write = who(m, *at, REGION_WRITE) };
    for (edge = next_edge(m, *at); edge; edge = next_edge(m, edge))
        if (who(m, edge, REGION_READ) != r->read || who(m, edge, REGION_WRITE) != r->write)
            break;
    *at = edge;
    r->last = edge - 1;
    return edge;
}

static char kind(const struct range *r)
{
    const struct space_region *s = r->read ? r->read : r->write;
    return !s ? ' ' : !s->ram ? '.' : r->write && r->write->ram && r->write->writable ? '#' : '=';
}

static void names(const struct range *r, char *text, size_t n)
{
    if (r->read == r->write && r->read)
        snprintf(text, n, "%s", r->read->name);
    else if (r->read && r->write)
        snprintf(text, n, "reads %s, writes %s", r->read->name, r->write->name);
    else if (r->read)
        snprintf(text, n, "reads %s, writes nowhere", r->read->name);
    else if (r->write)
        snprintf(text, n, "writes %s, reads nothing", r->write->name);
    else
        snprintf(text, n, "nothing");
}

static void size_text(u64 size, char *text, size_t n)
{
    static const char units[] = " KMGT";
    int k = 0;
    while (size >= 1024 && size % 1024 == 0 && units[k + 1]) {
        size /= 1024;
        k++;
    }
    if (k)
        snprintf(text, n, "%llu %cB", (unsigned long long)size, units[k]);
    else
        snprintf(text, n, "%llu", (unsigned long long)size);
}

static int log_2(u64 v)
{
    int n = 0;
    while (v >>= 1)
        n++;
    return n;
}

/* Of its addresses. */
static int digits_of(const struct map *m)
{
    for (int k = 0; k < m->count; k++)
        if (m->region[k].base + m->region[k].size > 0x10000)
            return 8;
    return 4;
}

void map_print(const struct space *s, FILE *out)
{
    struct map m = { 0 };
    struct range r;
    u64 at = 0;
    space_each(s, keep, &m);
    int digits = digits_of(&m);
    while (next_range(&m, &at, &r)) {
        char text[120], size[24], bar[17] = "";
        if (!r.read && !r.write)
            continue;
        int n = log_2(r.last - r.first + 1) / 2 + 1;
        memset(bar, kind(&r), (size_t)(n < 16 ? n : 16));
        names(&r, text, sizeof text);
        size_text(r.last - r.first + 1, size, sizeof size);
        fprintf(out, "%0*llx-%0*llx %8s  %-16s  %s\n", digits, (unsigned long long)r.first, digits, (unsigned long long)r.last, size,
                bar, text);
    }
    free(m.region);
}

/* ---- the picture ---- */

enum { LEFT = 110, WIDTH = 220, TOP = 40, LEAST = 16, PER_BIT = 3 };

static int height(const struct range *r) { return r->read || r->write ? LEAST + PER_BIT * log_2(r->last - r->first + 1) / 2 : LEAST; }

static void text_escaped(const char *text, FILE *out)
{
    for (; *text; text++)
        if (*text == '&' || *text == '<')
            fputs(*text == '&' ? "&amp;" : "&lt;", out);
        else
            fputc(*text, out);
}

static void range_draw(const struct range *r, int digits, int y, FILE *out)
{
    const char *fill = kind(r) == '#' ? "#cde8c9" : kind(r) == '=' ? "#f3e2b3" : kind(r) == '.' ? "#c9dcf0" : "none";
    char text[120], size[24];
    int h = height(r);
    names(r, text, sizeof text);
    size_text(r->last - r->first + 1, size, sizeof size);
    fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\" stroke=\"#444\"%s/>\n", LEFT, y, WIDTH, h, fill,
            *fill == 'n' ? " stroke-dasharray=\"3\"" : "");
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%0*llx</text>\n", LEFT - 6, y + h, digits, (unsigned long long)r->first);
    if (*fill == 'n')
        return;
    fprintf(out, "<text x=\"%d\" y=\"%d\">", LEFT + 6, y + h / 2 + 4);
    text_escaped(text, out);
    fprintf(out, "</text>\n<text x=\"%d\" y=\"%d\" fill=\"#666\">%s</text>\n", LEFT + WIDTH + 6, y + h / 2 + 4, size);
}

void map_draw(const struct space *s, const char *title, FILE *svg)
{
    struct map m = { 0 };
    struct range r;
    u64 at = 0;
    int total = 0;
    space_each(s, keep, &m);
    while (next_range(&m, &at, &r))
        total += height(&r);
    fprintf(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"monospace\" font-size=\"11\">\n",
            LEFT + WIDTH + 110, total + TOP + 12);
    fprintf(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n<text x=\"%d\" y=\"24\" font-size=\"14\">%s</text>\n", LEFT,
            title);
    at = 0;
    for (int y = TOP + total; next_range(&m, &at, &r); ) {
        y -= height(&r);
        range_draw(&r, digits_of(&m), y, svg);
    }
    fputs("</svg>\n", svg);
    free(m.region);
}
