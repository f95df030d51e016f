/* pages.c - the shape of the page tables. See drawing.h. Follows: Intel SDM Vol. 3A "Paging". */
#include "drawing.h"
#include "../../cpu/mmu/walk.h"

struct region {
    u64 first, last, physical;
    bool w, u, nx, large, global;
};

/* Where the entry that decided about `linear` ends: the walk is the same for all before. */
static u64 behind(const struct walk *w, u64 linear)
{
    u64 size = 1ull << w->step[w->steps - 1].level->shift;
    return (linear & ~(size - 1)) + size;
}

static bool goes_on(const struct region *r, const struct region *next)
{
    return next->first == r->last + 1 && next->physical == r->physical + (r->last - r->first) + 1 && next->w == r->w && next->u == r->u
        && next->nx == r->nx && next->large == r->large && next->global == r->global;
}

/* The next region from *at on; false: there is none. */
static bool next_region(struct cpu *cpu, u64 *at, struct region *r)
{
    bool any = false;
    while (*at <= 0xffffffff) {
        struct walk w;
        paging_look(cpu, *at, &w);
        u64 end = behind(&w, *at);
        if (w.end == WALK_PAGE) {
            const struct walk_step *s = &w.step[w.steps - 1];
            struct region now = { *at, end - 1, w.physical, w.w, w.u, w.nx, w.large, s->entry & PTE_G };
            if (any && !goes_on(r, &now))
                return true;
            if (any)
                r->last = now.last;
            else
                *r = now;
            any = true;
        } else if (any) {
            return true;
        }
        *at = end;
    }
    return any;
}

static void rights(const struct region *r, char *text, size_t n)
{
    snprintf(text, n, "%s, %s%s%s%s", r->w ? "writable" : "read only", r->u ? "user" : "supervisor", r->nx ? ", NX" : "",
             r->global ? ", global" : "", r->large ? ", large pages" : "");
}

static void size_text(u64 bytes, char *text, size_t n)
{
    if (bytes % (1 << 20) == 0)
        snprintf(text, n, "%llu MB", (unsigned long long)(bytes >> 20));
    else
        snprintf(text, n, "%llu KB", (unsigned long long)(bytes >> 10));
}

static bool paging_is_on(const struct cpu *cpu) { return cpu_get(cpu, "cr0") & CR0_PG; }

void pages_print(struct cpu *cpu, FILE *out)
{
    struct region r;
    struct walk w;
    u64 at = 0, mapped = 0;
    int n = 0;
    if (!paging_is_on(cpu)) {
        fputs("paging is off: linear addresses are physical\n", out);
        return;
    }
    for (; next_region(cpu, &at, &r); n++) {
        char size[24], text[80];
        size_text(r.last - r.first + 1, size, sizeof size);
        rights(&r, text, sizeof text);
        fprintf(out, "%08llx-%08llx %9s -> %08llx  %s\n", (unsigned long long)r.first, (unsigned long long)r.last, size,
                (unsigned long long)r.physical, text);
        mapped += r.last - r.first + 1;
    }
    paging_look(cpu, 0, &w);
    fprintf(out, "CR3 %08x, %s: %llu KB in %d region%s\n", (u32)cpu_get(cpu, "cr3"), w.form->name, (unsigned long long)mapped >> 10, n,
            n == 1 ? "" : "s");
}

/* ---- the picture ---- */

enum { LEFT = 90, WIDTH = 300, RIGHT = 120, TOP = 64, BOTTOM = 24, GAP = 14, LEAST = 18, PER_BIT = 3 };

static int height(const struct region *r)
{
    int h = LEAST;
    for (u64 pages = (r->last - r->first) >> 12; pages; pages >>= 1)
        h += PER_BIT;
    return h;
}

static const char *colour(const struct region *r)
{
    return r->u ? r->w ? "#cde8c9" : "#e6f3d8" : r->w ? "#c9dcf0" : "#e3e3f4";
}

static void region_draw(const struct region *r, int y, int h, FILE *svg)
{
    char size[24], text[80];
    size_text(r->last - r->first + 1, size, sizeof size);
    rights(r, text, sizeof text);
    fprintf(svg, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\" stroke=\"#444\"/>\n", LEFT, y, WIDTH, h, colour(r));
    fprintf(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%08llx</text>\n", LEFT - 6, y + h, (unsigned long long)r->first);
    fprintf(svg, "<text x=\"%d\" y=\"%d\">%s</text>\n", LEFT + 6, y + h / 2 + 4, text);
    fprintf(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#666\">%s</text>\n", LEFT + WIDTH - 6, y + h / 2 + 4, size);
    fprintf(svg, "<text x=\"%d\" y=\"%d\">&#8594; %08llx</text>\n", LEFT + WIDTH + 8, y + h / 2 + 4, (unsigned long long)r->physical);
}

void pages_draw(struct cpu *cpu, FILE *svg)
{
    struct region r, *all = NULL;
    u64 at = 0;
    size_t n = 0;
    int total = 0;
    while (paging_is_on(cpu) && n < PAGES_DRAWN && next_region(cpu, &at, &r)) {
        all = xrealloc(all, (n + 1) * sizeof *all);
        total += height(&r) + (n && all[n - 1].last + 1 != r.first ? GAP : 0);
        all[n++] = r;
    }
    fprintf(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"monospace\" font-size=\"11\">\n",
            LEFT + WIDTH + RIGHT, TOP + total + BOTTOM);
    fprintf(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n");
    if (paging_is_on(cpu))
        fprintf(svg, "<text x=\"%d\" y=\"24\" font-size=\"14\">linear space, CR3 %08x</text>\n", LEFT, (u32)cpu_get(cpu, "cr3"));
    else
        fprintf(svg, "<text x=\"%d\" y=\"24\" font-size=\"14\">paging is off</text>\n", LEFT);
    fprintf(svg, "<text x=\"%d\" y=\"44\" fill=\"#666\">green: user; blue: supervisor; pale: read only</text>\n", LEFT);
    for (size_t k = 0, y = (size_t)(TOP + total); k < n; k++) {
        if (k && all[k - 1].last + 1 != all[k].first)
            y -= GAP;
        y -= (size_t)height(&all[k]);
        region_draw(&all[k], (int)y, height(&all[k]), svg);
    }
    fputs("</svg>\n", svg);
    free(all);
}
