/* access.c - reads and writes by the map: who answers, in which pieces, and what it takes. See space.h. */
#include "space_parts.h"

static inline struct answer answers(struct space *s, u64 address, int side)
{
    struct unit *u = unit_at(s, address >> s->unit_shift);
    if (u && u->shared)
        return space_front(s, address, side);
    struct region *r = u ? s->family->by_number[side == REGION_READ ? u->read : u->write] : NULL;
    return (struct answer) { r, address | ((1ull << s->unit_shift) - 1) };
}

/* Who answers at `address` (NULL: nobody), and in *n, of so many bytes from there, the first ones that he answers alone. */
static inline struct region *answers_run(struct space *s, u64 address, int *n, int side)
{
    struct answer a = answers(s, address, side);
    u64 last = address + (u64)*n - 1;
    while (a.last < last) {
        struct answer b = answers(s, a.last + 1, side);
        if (b.region != a.region)
            break;
        a.last = b.last;
    }
    if (a.last < last)
        *n = (int)(a.last - address + 1);
    return a.region;
}

/* Tell the taps in [address, address + n); true if there are any. */
static bool tell(const struct space *s, u64 address, u64 value, int n)
{
    bool told = false;
    for (; s; s = s->parent)
        for (const struct region *r = s->taps; r; r = r->next)
            for (int k = 0; k < n; k++)
                if (address + (u64)k - r->base < r->size) {
                    r->write(r->dev, address + (u64)k - r->base, value >> (8 * k) & 0xff, 1);
                    told = true;
                }
    return told;
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

static noinline void watched(const struct space *s, const struct region *r, u64 address, u64 value, int n, bool write)
{
    const struct family *f = s->family;
    struct space_access a = { s, r ? r->name : NULL, r ? r->dev : NULL, address, value & mask_bytes(n), n, write };
    for (int k = 0; k < f->watchers; k++)
        f->watcher[k].told(f->watcher[k].to, &a);
}

int space_watch(struct space *s, void (*told)(void *to, const struct space_access *a), void *to)
{
    struct family *f = s->family;
    f->watcher = xrealloc(f->watcher, (size_t)(f->watchers + 1) * sizeof *f->watcher);
    f->watcher[f->watchers].told = told;
    f->watcher[f->watchers].to = to;
    f->watcher[f->watchers++].token = ++f->next_token;
    return f->next_token;
}

void space_unwatch(struct space *s, int token)
{
    struct family *f = s->family;
    for (int k = 0; k < f->watchers; k++)
        if (f->watcher[k].token == token) {
            f->watchers--;
            memmove(&f->watcher[k], &f->watcher[k + 1], (size_t)(f->watchers - k) * sizeof *f->watcher);
            return;
        }
}

static noinline u64 read_memory(struct space *s, const struct region *r, u64 address, int n)
{
    u8 wide[8] = { 0 };
    if (r) {
        memcpy(wide, r->ram->host + r->ram_offset + (address - r->base), (size_t)n);
        return get64(wide);
    }
    if (unlikely(s->family->watchers))
        watched(s, NULL, address, ~0ull, n, false);
    nobody(s, "read", address, ~0ull, n);
    spend(s, s->family->cost_nobody);
    return mask_bytes(n);
}

static u64 read_run(struct space *s, const struct region *r, u64 address, int n)
{
    u64 value = 0;
    if (unlikely(!r || r->ram))
        return read_memory(s, r, address, n);
    for (int at = 0, step; at < n; at += step) {
        step = r->width;
        while (step > n - at)
            step >>= 1;
        s->touches++;
        u64 v = r->read ? r->read(r->dev, address + (u64)at - r->base, step) : ~0ull;
        spend(s, r->cost);
        value |= (v & mask_bytes(step)) << (8 * at);
    }
    if (unlikely(s->family->watchers))
        watched(s, r, address, value, n, false);
    if (log_on(s->log, "io"))
        log_event(s->log, "io", "%s read %s %#llx size %d: %#llx", s->name, r->name, (unsigned long long)address, n,
                  (unsigned long long)value);
    return value;
}

static noinline void write_memory(struct space *s, const struct region *r, u64 address, u64 value, int n)
{
    u8 wide[8];
    if (r && !r->writable)
        return;
    if (r) {
        put64(wide, value);
        u64 at = r->ram_offset + (address - r->base);
        ram_written(r->ram, at, (u64)n);
        memcpy(r->ram->host + at, wide, (size_t)n);
        return;
    }
    if (!tell(s, address, value, n))
        nobody(s, "write", address, value, n);
    spend(s, s->family->cost_nobody);
}

static void write_run(struct space *s, const struct region *r, u64 address, u64 value, int n)
{
    if (unlikely(s->family->watchers) && !(r && r->ram))
        watched(s, r, address, value, n, true);
    if (unlikely(!r || r->ram)) {
        write_memory(s, r, address, value, n);
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

/* Answers_run, for an access of `size`: a device that answers all of it does so the next time, too, while the map is as it is. */
static struct region *answers_kept(struct space *s, u64 address, int *n, int size, int side)
{
    struct region *r = answers_run(s, address, n, side);
    if (*n == size && r && !r->ram)
        *recent_at(s, address, side) = (struct recent) { recent_key(address, size), r };
    return r;
}

static noinline u64 read_runs(struct space *s, u64 address, int size)
{
    u64 value = 0;
    for (int at = 0, n; at < size; at += n) {
        n = size - at;
        struct region *r = answers_kept(s, address + (u64)at, &n, size, REGION_READ);
        value |= read_run(s, r, address + (u64)at, n) << (8 * at);
    }
    return value;
}

u64 space_read(struct space *s, u64 address, int size)
{
    const struct recent *known = recent_at(s, address, REGION_READ);
    return likely(known->key == recent_key(address, size)) ? read_run(s, known->region, address, size) : read_runs(s, address, size);
}

static noinline void write_runs(struct space *s, u64 address, u64 value, int size)
{
    for (int at = 0, n; at < size; at += n) {
        n = size - at;
        struct region *r = answers_kept(s, address + (u64)at, &n, size, REGION_WRITE);
        write_run(s, r, address + (u64)at, value >> (8 * at), n);
    }
}

void space_write(struct space *s, u64 address, u64 value, int size)
{
    const struct recent *known = recent_at(s, address, REGION_WRITE);
    if (likely(known->key == recent_key(address, size)))
        write_run(s, known->region, address, value, size);
    else
        write_runs(s, address, value, size);
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

/* A part that lies within one page. */
static bool peek_part(struct space *s, u64 address, u8 *p, u64 n)
{
    const struct space_page *page = space_page(s, address);
    bool all = true;
    if (page->read) {
        memcpy(p, page->read + (address & PAGE_MASK), n);
        return true;
    }
    for (; n; n--, address++, p++) {
        struct region *r = answers(s, address, REGION_READ).region;
        *p = r && r->ram ? r->ram->host[r->ram_offset + (address - r->base)] : 0xff;
        all &= r && r->ram;
    }
    return all;
}

bool space_peek(struct space *s, u64 address, void *to, u64 n)
{
    bool all = true;
    for (u8 *p = to; n; ) {
        u64 in_page = PAGE_SIZE - (address & PAGE_MASK), k = n < in_page ? n : in_page;
        all &= peek_part(s, address, p, k);
        p += k, address += k, n -= k;
    }
    return all;
}

static bool peek_run(struct region *r, u64 address, int n, u64 *value)
{
    *value = mask_bytes(n);
    if (r && r->ram) {
        u8 bytes[8] = { 0 };
        memcpy(bytes, r->ram->host + r->ram_offset + (address - r->base), (size_t)n);
        *value = get64(bytes);
        return true;
    }
    if (!r || !r->read)
        return true;
    *value = 0;
    for (int at = 0, step; at < n; at += step) {
        u64 part;
        step = r->width;
        while (step > n - at)
            step >>= 1;
        if (!r->peek || !r->peek(r->dev, address + (u64)at - r->base, step, &part))
            return false;
        *value |= (part & mask_bytes(step)) << (8 * at);
    }
    return true;
}

bool space_peek_registers(struct space *s, u64 address, int size, u64 *value)
{
    *value = 0;
    for (int at = 0, n; at < size; at += n) {
        u64 part;
        n = size - at;
        struct region *r = answers_run(s, address + (u64)at, &n, REGION_READ);
        if (!peek_run(r, address + (u64)at, n, &part))
            return false;
        *value |= part << (8 * at);
    }
    return true;
}

bool space_poke(struct space *s, u64 address, const void *from, u64 n)
{
    bool all = true;
    for (const u8 *p = from; n; n--, address++, p++) {
        struct region *r = answers(s, address, REGION_READ).region;
        all &= r && r->ram;
        if (!r || !r->ram)
            continue;
        u64 at = r->ram_offset + (address - r->base);
        ram_written(r->ram, at, 1);
        r->ram->host[at] = *p;
    }
    return all;
}
