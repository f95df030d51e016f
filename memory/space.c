/* space.c - see space.h. Three levels of table: groups of 512 chunks of 64 units. Groups, chunks and units are made when somebody
 * first asks for them, so that memory which the guest never touches costs neither time nor space, to a short-lived machine either. */
#include "space_parts.h"

static struct space *make(const char *name, int address_bits, int unit_shift, struct log *log, struct family *family)
{
    struct space *s = xcalloc(1, sizeof *s);
    s->name = name;
    s->family = family;
    s->address_bits = address_bits;
    s->unit_shift = unit_shift;
    s->log = log;
    s->group_count = (1ull << (address_bits - unit_shift)) >> (CHUNK_SHIFT + GROUP_SHIFT);
    if (!s->group_count)
        s->group_count = 1;
    s->groups = xcalloc(s->group_count, sizeof *s->groups);
    return s;
}

struct space *space_new(const char *name, int address_bits, int unit_shift, struct log *log)
{
    struct family *family = xcalloc(1, sizeof *family);
    family->next_number = NOBODY + 1;
    return make(name, address_bits, unit_shift, log, family);
}

struct space *space_new_child(struct space *parent, const char *name)
{
    assert(!parent->parent);
    struct space *s = make(name, parent->address_bits, parent->unit_shift, parent->log, parent->family), **at = &parent->children;
    s->parent = parent;
    while (*at)
        at = &(*at)->sibling;
    *at = s;
    return s;
}

static void leave_family(struct space *s)
{
    struct family *f = s->family;
    if (!s->parent) {
        assert(!s->children);
        free(f->watcher);
        free(f);
        return;
    }
    struct space **at = &s->parent->children;
    while (*at != s)
        at = &(*at)->sibling;
    *at = s->sibling;
    for (struct region *r = s->regions; r; r = r->next) {
        f->by_number[r->number] = NULL;
        f->next_number = r->number < f->next_number ? r->number : f->next_number;
    }
}

void space_free(struct space *s)
{
    leave_family(s);
    for (u64 k = 0; k < s->group_count; k++) {
        for (int c = 0; s->groups[k] && c < GROUP_CHUNKS; c++)
            free(s->groups[k]->chunk[c]);
        free(s->groups[k]);
    }
    for (struct region *r = s->regions, *next; r; r = next) {
        next = r->next;
        free(r);
    }
    for (struct region *r = s->taps, *next; r; r = next) {
        next = r->next;
        free(r);
    }
    free(s->groups);
    free(s);
}

/* A space's regions and its parent's, by falling priority, its own first:
 *     struct walk w = walk(s);  for (struct region *r; (r = further(&w)); ) */
struct walk { struct region *own, *behind; };

static struct walk walk(const struct space *s) { return (struct walk) { s->regions, s->parent ? s->parent->regions : NULL }; }

static struct region *further(struct walk *w)
{
    struct region **from = !w->behind || (w->own && w->own->priority >= w->behind->priority) ? &w->own : &w->behind, *r = *from;
    if (r)
        *from = r->next;
    return r;
}

struct answer space_front(struct space *s, u64 address, int side)
{
    struct answer a = { NULL, address | ((1ull << s->unit_shift) - 1) };
    struct walk w = walk(s);
    for (struct region *r; (r = further(&w)); ) {
        u64 last = r->base + r->size - 1;
        if (!(r->enable & side))
            continue;
        if (address - r->base < r->size) {
            a.last = last < a.last ? last : a.last;
            a.region = r;
            break;
        }
        if (r->base > address && r->base - 1 < a.last)
            a.last = r->base - 1;
    }
    return a;
}

static bool covers(const struct region *r, u64 first, u64 last)
{
    return r && first >= r->base && last - r->base < r->size;
}

static void build_unit(struct space *s, struct unit *u, u64 number)
{
    u64 first = number << s->unit_shift, last = first + (1ull << s->unit_shift) - 1;
    struct region *read = NULL, *write = NULL;
    struct walk w = walk(s);
    *u = (struct unit) { .built = true };
    for (struct region *r; (r = further(&w)); ) {
        if (!r->enable || r->base > last || r->base + r->size - 1 < first)
            continue;
        if ((r->enable & REGION_READ) && !read)
            read = r;
        if ((r->enable & REGION_WRITE) && !write)
            write = r;
        if (!covers(r, first, last))
            u->shared = true;
        if (read && write && covers(read, first, last) && covers(write, first, last))
            break;
    }
    u->read = read ? read->number : NOBODY;
    u->write = write ? write->number : NOBODY;
    if (u->shared || s->unit_shift != PAGE_SHIFT)
        return;
    if (read && read->ram) {
        u->page.ram = read->ram;
        u->page.ram_offset = read->ram_offset + (first - read->base);
        u->page.read = read->ram->host + u->page.ram_offset;
    }
    if (write && write->ram && write->writable) {
        u->page.write_ram = write->ram;
        u->page.write_offset = write->ram_offset + (first - write->base);
        u->page.write = write->ram->host + u->page.write_offset;
    }
}

static bool any_region(struct space *s, u64 first, u64 last)
{
    struct walk w = walk(s);
    for (struct region *r; (r = further(&w)); )
        if (r->enable && r->base <= last && r->base + r->size - 1 >= first)
            return true;
    return false;
}

struct unit *space_make_unit(struct space *s, u64 number)
{
    u64 group = number >> (CHUNK_SHIFT + GROUP_SHIFT), first = number >> CHUNK_SHIFT << (CHUNK_SHIFT + s->unit_shift);
    struct chunk **chunk = chunk_slot(s, number);
    if (group >= s->group_count)
        return NULL;
    if (!chunk || !*chunk) {
        if (!any_region(s, first, first + ((u64)CHUNK_UNITS << s->unit_shift) - 1))
            return NULL;
        if (!s->groups[group])
            s->groups[group] = xcalloc(1, sizeof **s->groups);
        chunk = chunk_slot(s, number);
        *chunk = xcalloc(1, sizeof **chunk);
    }
    struct unit *u = &(*chunk)->unit[number & (CHUNK_UNITS - 1)];
    build_unit(s, u, number);
    return u;
}

static void forget(struct space *s, u64 from, u64 to)
{
    u64 limit = s->group_count << (CHUNK_SHIFT + GROUP_SHIFT);
    to = to < limit ? to : limit;
    memset(s->recent, 0, sizeof s->recent);
    for (u64 n = from; n < to; n++) {
        s->rebuilt++;
        struct chunk **chunk = chunk_slot(s, n);
        if (!chunk)
            n |= (CHUNK_UNITS << GROUP_SHIFT) - 1;
        else if (!*chunk)
            n |= CHUNK_UNITS - 1;
        else
            (*chunk)->unit[n & (CHUNK_UNITS - 1)].built = false;
    }
}

/* Forget the units whose regions changed, in the children too. */
static void rebuild(struct space *s)
{
    forget(s, s->dirty_from, s->dirty_to);
    for (struct space *c = s->children; c; c = c->sibling)
        forget(c, s->dirty_from, s->dirty_to);
    s->dirty = false;
    space_changed(s);
}

static void mark(struct space *s, const struct region *r)
{
    u64 from = r->base >> s->unit_shift, to = ((r->base + r->size - 1) >> s->unit_shift) + 1;
    if (!s->dirty) {
        s->dirty_from = from;
        s->dirty_to = to;
    }
    s->dirty = true;
    if (from < s->dirty_from)
        s->dirty_from = from;
    if (to > s->dirty_to)
        s->dirty_to = to;
}

void space_begin(struct space *s) { s->nesting++; }

void space_commit(struct space *s)
{
    assert(s->nesting > 0);
    if (--s->nesting == 0 && s->dirty)
        rebuild(s);
}

void space_listen(struct space *s, void (*changed)(void *to), void *to)
{
    assert(s->listeners < LISTENERS);
    s->listener[s->listeners].changed = changed;
    s->listener[s->listeners++].to = to;
}

void space_changed(struct space *s)
{
    for (int k = 0; k < s->listeners; k++)
        s->listener[k].changed(s->listener[k].to);
    for (struct space *c = s->children; c; c = c->sibling)
        space_changed(c);
}

/* A board that is wired wrongly. */
_Noreturn static void claimed_twice(struct space *s, const struct region *a, const struct region *b)
{
    log_event(s->log, "unimp", "%s %#llx: claimed by both %s and %s", s->name, (unsigned long long)b->base, a->name, b->name);
    assert(!"two devices claim one address");
    abort();
}

static struct region *add(struct space *s, struct region r)
{
    struct region *new = xcalloc(1, sizeof *new), **at = &s->regions;
    struct family *f = s->family;
    while (f->next_number < REGIONS_MAX && f->by_number[f->next_number])
        f->next_number++;
    assert(f->next_number < REGIONS_MAX);
    *new = r;
    new->space = s;
    new->number = (u16)f->next_number++;
    f->by_number[new->number] = new;
    while (*at && (*at)->priority >= r.priority)
        at = &(*at)->next;
    new->next = *at;
    *at = new;
    for (struct region *o = s->regions; o; o = o->next)
        if (o != new && !o->ram && !new->ram && o->enable && o->priority == r.priority
            && o->base < r.base + r.size && r.base < o->base + o->size)
            claimed_twice(s, o, new);
    space_begin(s);
    mark(s, new);
    space_commit(s);
    return new;
}

struct region *space_add_ram(struct space *s, const char *name, u64 base, u64 size, int priority,
                             struct ram *ram, u64 ram_offset, bool writable, int enable)
{
    assert(size && !((base | size | ram_offset) & PAGE_MASK) && ram_offset + size <= ram->size);
    return add(s, (struct region) { .name = name, .base = base, .size = size, .priority = priority, .ram = ram,
                                    .ram_offset = ram_offset, .writable = writable, .enable = enable });
}

struct region *space_add_device(struct space *s, const char *name, u64 base, u64 size, int priority, int width,
                                region_read *read, region_write *write, void *dev)
{
    assert(size && (width == 1 || width == 2 || width == 4 || width == 8));
    return add(s, (struct region) { .name = name, .base = base, .size = size, .priority = priority, .width = width,
                                    .read = read, .write = write, .dev = dev, .enable = REGION_READ | REGION_WRITE });
}

void space_add_tap(struct space *s, const char *name, u64 base, u64 size, region_write *write, void *dev)
{
    struct region *r = xcalloc(1, sizeof *r), **at = &s->taps;
    *r = (struct region) { .space = s, .name = name, .base = base, .size = size, .write = write, .dev = dev };
    while (*at)
        at = &(*at)->next;
    *at = r;
}

void region_enable(struct region *r, int enable)
{
    if (r->enable == enable)
        return;
    space_begin(r->space);
    r->enable = enable;
    mark(r->space, r);
    space_commit(r->space);
}

void region_move(struct region *r, u64 base)
{
    if (r->base == base)
        return;
    space_begin(r->space);
    if (r->enable)
        mark(r->space, r);
    u64 from = r->space->dirty_from, to = r->space->dirty_to;
    r->base = base;
    if (r->enable) {
        /* Far moves (a BAR being sized) would make one long span: rebuild the old place first. */
        if (r->space->nesting == 1 && (to < base >> r->space->unit_shift || from > (base + r->size) >> r->space->unit_shift)) {
            rebuild(r->space);
        }
        mark(r->space, r);
    }
    space_commit(r->space);
}

void region_set_ram(struct region *r, struct ram *ram, u64 ram_offset)
{
    assert(ram_offset + r->size <= ram->size);
    if (r->ram == ram && r->ram_offset == ram_offset)
        return;
    space_begin(r->space);
    r->ram = ram;
    r->ram_offset = ram_offset;
    if (r->enable)
        mark(r->space, r);
    space_commit(r->space);
}

const struct space_page *space_page(struct space *s, u64 address)
{
    static const struct space_page nothing;
    struct unit *u = unit_at(s, address >> s->unit_shift);
    return u ? &u->page : &nothing;
}

void region_set_cost(struct region *r, u32 ns) { r->cost = ns; }
void region_set_peek(struct region *r, region_peek *peek) { r->peek = peek; }

void space_keep_time(struct space *s, void (*spend)(void *to, u32 ns), void *to, u32 nobody)
{
    s->family->spend = spend;
    s->family->spend_to = to;
    s->family->cost_nobody = nobody;
}

u64 space_rebuilt(const struct space *s) { return s->rebuilt; }
u64 space_touches(const struct space *s) { return s->touches; }

void space_each(const struct space *s, void (*told)(void *to, const struct space_region *r), void *to)
{
    struct walk w = walk(s);
    for (const struct region *r; (r = further(&w)); )
        told(to, &(struct space_region) { r->name, r->base, r->size, r->priority, r->enable, r->ram, r->writable, r->dev });
}

void space_print(struct space *s, FILE *out)
{
    struct walk w = walk(s);
    for (struct region *r; (r = further(&w)); )
        fprintf(out, "%0*llx-%0*llx  %c%c  %2d  %s\n", s->unit_shift ? 9 : 4, (unsigned long long)r->base,
                s->unit_shift ? 9 : 4, (unsigned long long)(r->base + r->size - 1),
                r->enable & REGION_READ ? 'r' : '-', r->enable & REGION_WRITE ? 'w' : '-', r->priority, r->name);
}
