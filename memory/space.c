/* space.c - see space.h. Three levels of table: groups of 512 chunks of 64 units. Groups, chunks and units are made when somebody
 * first asks for them, so that memory which the guest never touches costs neither time nor space, to a short-lived machine either. */
#include "space.h"

enum { CHUNK_SHIFT = 6, CHUNK_UNITS = 1 << CHUNK_SHIFT, GROUP_SHIFT = 9, GROUP_CHUNKS = 1 << GROUP_SHIFT };
enum { LISTENERS = 8, REGIONS_MAX = 1024, NOBODY = 0 };

struct region {
    struct space *space;
    const char *name;
    u64 base, size;
    int priority, width, enable;
    u32 cost;                       /* ns an access */
    struct ram *ram;                /* NULL: a device */
    u64 ram_offset;
    bool writable;
    region_read *read;
    region_write *write;
    void *dev;
    u16 number;                     /* its place in the space's table */
    struct region *next;            /* by falling priority; of a tap, the next tap */
};

struct unit {
    struct space_page page;
    u16 read, write;                /* numbers of who answers; with sub-page devices, the first of several */
    bool shared;                    /* more than one region in this unit: look at each access */
    bool built;                     /* the rest holds */
};

struct chunk { struct unit unit[CHUNK_UNITS]; };
struct group { struct chunk *chunk[GROUP_CHUNKS]; };

/* What a space has in common with its children. */
struct family {
    struct region *by_number[REGIONS_MAX];  /* [NOBODY] is NULL */
    int next_number;                        /* none below it is free */
    void (*spend)(void *to, u32 ns);
    void *spend_to;
    u32 cost_nobody;                        /* ns an access that nothing answers */
};

struct space {
    const char *name;
    int address_bits, unit_shift;
    struct log *log;
    struct space *parent, *children, *sibling;
    struct family *family;
    struct region *regions, *taps;
    struct group **groups;
    u64 group_count, touches, rebuilt;
    int nesting;
    bool dirty;
    u64 dirty_from, dirty_to;       /* units to build anew: [from, to) */
    int listeners;
    struct { void (*changed)(void *to); void *to; } listener[LISTENERS];
};

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

/* The region in front at an address, for one side. */
static struct region *front(struct space *s, u64 address, int side)
{
    struct walk w = walk(s);
    for (struct region *r; (r = further(&w)); )
        if ((r->enable & side) && address - r->base < r->size)
            return r;
    return NULL;
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

/* Where the pointer to a unit's chunk is; NULL where there is none yet. */
static struct chunk **chunk_slot(struct space *s, u64 number)
{
    u64 group = number >> (CHUNK_SHIFT + GROUP_SHIFT);
    if (unlikely(group >= s->group_count || !s->groups[group]))
        return NULL;
    return &s->groups[group]->chunk[number >> CHUNK_SHIFT & (GROUP_CHUNKS - 1)];
}

/* The unit has not been asked for since the map changed there: make it. NULL where there is nothing far around. */
static struct unit *make_unit(struct space *s, u64 number)
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

static struct unit *unit_at(struct space *s, u64 number)
{
    struct chunk **chunk = chunk_slot(s, number);
    if (likely(chunk && *chunk)) {
        struct unit *u = &(*chunk)->unit[number & (CHUNK_UNITS - 1)];
        if (likely(u->built))
            return u;
    }
    return make_unit(s, number);
}

static void forget(struct space *s, u64 from, u64 to)
{
    u64 limit = s->group_count << (CHUNK_SHIFT + GROUP_SHIFT);
    to = to < limit ? to : limit;
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

/* Tell the taps in [address, address + n); true if there are any. */
static bool tell(struct space *s, u64 address, u64 value, int n)
{
    bool told = false;
    for (struct region *r = s->taps; r; r = r->next)
        for (int k = 0; k < n; k++)
            if (address + (u64)k - r->base < r->size) {
                r->write(r->dev, address + (u64)k - r->base, value >> (8 * k) & 0xff, 1);
                told = true;
            }
    return s->parent ? tell(s->parent, address, value, n) || told : told;
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

static struct region *answers(struct space *s, u64 address, int side)
{
    struct unit *u = unit_at(s, address >> s->unit_shift);
    if (!u)
        return NULL;
    if (u->shared)
        return front(s, address, side);
    return s->family->by_number[side == REGION_READ ? u->read : u->write];
}

/* Bytes of [address, address + n) that region r (or nobody) answers alone, at most n. */
static int run_length(struct space *s, struct region *r, u64 address, int n, int side)
{
    int k = 1;
    while (k < n && answers(s, address + (u64)k, side) == r)
        k++;
    return k;
}

void region_set_cost(struct region *r, u32 ns) { r->cost = ns; }

void space_keep_time(struct space *s, void (*spend)(void *to, u32 ns), void *to, u32 nobody)
{
    s->family->spend = spend;
    s->family->spend_to = to;
    s->family->cost_nobody = nobody;
}

static void spend(const struct space *s, u32 ns)
{
    if (s->family->spend && ns)
        s->family->spend(s->family->spend_to, ns);
}

/* Nobody answers: said once a port, or once a page of memory. */
static noinline void nobody(struct space *s, const char *what, u64 address, u64 value, int n)
{
    log_event(s->log, "io", "%s %s %#llx = %#llx: nobody answers", s->name, what, (unsigned long long)address,
              (unsigned long long)(value & mask_bytes(n)));
    if (log_on(s->log, "unimp"))
        log_event_key(s->log, "unimp", (address >> (s->unit_shift ? PAGE_SHIFT : 0)) << 1 | (*what == 'w'),
                      "%s %s of %d at %0*llx = %0*llx, where nothing is", s->unit_shift ? "memory" : "port", what, n, s->unit_shift ? 8 : 4,
                      (unsigned long long)address, 2 * n, (unsigned long long)(value & mask_bytes(n)));
}

static u64 read_run(struct space *s, struct region *r, u64 address, int n)
{
    u64 value = 0;
    u8 wide[8] = { 0 };
    if (!r) {
        nobody(s, "read", address, ~0ull, n);
        spend(s, s->family->cost_nobody);
        return mask_bytes(n);
    }
    if (r->ram) {
        memcpy(wide, r->ram->host + r->ram_offset + (address - r->base), (size_t)n);
        return get64(wide);
    }
    for (int at = 0, step; at < n; at += step) {
        step = r->width;
        while (step > n - at)
            step >>= 1;
        s->touches++;
        u64 v = r->read ? r->read(r->dev, address + (u64)at - r->base, step) : ~0ull;
        spend(s, r->cost);
        value |= (v & mask_bytes(step)) << (8 * at);
    }
    if (log_on(s->log, "io"))
        log_event(s->log, "io", "%s read %s %#llx size %d: %#llx", s->name, r->name, (unsigned long long)address, n,
                  (unsigned long long)value);
    return value;
}

static void write_run(struct space *s, struct region *r, u64 address, u64 value, int n)
{
    u8 wide[8];
    if (!r) {
        if (!tell(s, address, value, n))
            nobody(s, "write", address, value, n);
        spend(s, s->family->cost_nobody);
        return;
    }
    if (r->ram) {
        if (!r->writable)
            return;
        put64(wide, value);
        u64 at = r->ram_offset + (address - r->base);
        ram_written(r->ram, at, (u64)n);
        memcpy(r->ram->host + at, wide, (size_t)n);
        return;
    }
    if (log_on(s->log, "io"))
        log_event(s->log, "io", "%s write %s %#llx size %d: %#llx", s->name, r->name, (unsigned long long)address, n,
                  (unsigned long long)(value & mask_bytes(n)));
    for (int at = 0, step; at < n; at += step) {
        step = r->width;
        while (step > n - at)
            step >>= 1;
        s->touches++;
        if (r->write)
            r->write(r->dev, address + (u64)at - r->base, value >> (8 * at) & mask_bytes(step), step);
        spend(s, r->cost);
    }
    tell(s, address, value, n);
}

u64 space_read(struct space *s, u64 address, int size)
{
    u64 value = 0;
    for (int at = 0, n; at < size; at += n) {
        struct region *r = answers(s, address + (u64)at, REGION_READ);
        n = run_length(s, r, address + (u64)at, size - at, REGION_READ);
        value |= read_run(s, r, address + (u64)at, n) << (8 * at);
    }
    return value;
}

void space_write(struct space *s, u64 address, u64 value, int size)
{
    for (int at = 0, n; at < size; at += n) {
        struct region *r = answers(s, address + (u64)at, REGION_WRITE);
        n = run_length(s, r, address + (u64)at, size - at, REGION_WRITE);
        write_run(s, r, address + (u64)at, value >> (8 * at), n);
    }
}

/* Bytes from here to the end of the page, at most n, where nobody answers in the whole page; 0 if somebody may. */
static u64 desert(struct space *s, u64 address, u64 n, int side)
{
    const struct unit *u = unit_at(s, address >> s->unit_shift);
    u64 in_page = PAGE_SIZE - (address & PAGE_MASK);
    if (s->unit_shift != PAGE_SHIFT || (u && (u->shared || (side == REGION_READ ? u->read : u->write) != NOBODY)))
        return 0;
    return n < in_page ? n : in_page;
}

/* Registers are accessed as a bus master does it: by doublewords where they lie so. */
static int bus_width(u64 address, u64 n) { return n >= 4 && !(address & 3) ? 4 : 1; }

void space_read_bytes(struct space *s, u64 address, void *to, u64 n)
{
    for (u8 *p = to; n; ) {
        u64 in_page = PAGE_SIZE - (address & PAGE_MASK), k = n < in_page ? n : in_page;
        const struct space_page *page = space_page(s, address);
        if (page->read) {
            memcpy(p, page->read + (address & PAGE_MASK), k);
        } else if ((k = desert(s, address, n, REGION_READ))) {
            nobody(s, "read", address, ~0ull, 4);
            spend(s, s->family->cost_nobody);
            memset(p, 0xff, k);
        } else {
            u8 wide[8];
            k = (u64)bus_width(address, n);
            put64(wide, space_read(s, address, (int)k));
            memcpy(p, wide, k);
        }
        p += k, address += k, n -= k;
    }
}

void space_write_bytes(struct space *s, u64 address, const void *from, u64 n)
{
    for (const u8 *p = from; n; ) {
        u64 in_page = PAGE_SIZE - (address & PAGE_MASK), k = n < in_page ? n : in_page;
        const struct space_page *page = space_page(s, address);
        if (page->write) {
            ram_written(page->write_ram, page->write_offset + (address & PAGE_MASK), k);
            memcpy(page->write + (address & PAGE_MASK), p, k);
        } else if ((k = desert(s, address, n, REGION_WRITE))) {
            nobody(s, "write", address, *p, 1);
            spend(s, s->family->cost_nobody);
        } else {
            k = (u64)bus_width(address, n);
            space_write(s, address, k == 4 ? get32(p) : *p, (int)k);
        }
        p += k, address += k, n -= k;
    }
}

bool space_peek(struct space *s, u64 address, void *to, u64 n)
{
    bool all = true;
    for (u8 *p = to; n; n--, address++, p++) {
        struct region *r = answers(s, address, REGION_READ);
        *p = r && r->ram ? r->ram->host[r->ram_offset + (address - r->base)] : 0xff;
        all &= r && r->ram;
    }
    return all;
}

bool space_poke(struct space *s, u64 address, const void *from, u64 n)
{
    bool all = true;
    for (const u8 *p = from; n; n--, address++, p++) {
        struct region *r = answers(s, address, REGION_READ);
        all &= r && r->ram;
        if (!r || !r->ram)
            continue;
        u64 at = r->ram_offset + (address - r->base);
        ram_written(r->ram, at, 1);
        r->ram->host[at] = *p;
    }
    return all;
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
