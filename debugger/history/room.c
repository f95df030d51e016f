/* room.c - room for what pages held: for many at once, since the host's allocator would ask the host for each of them. */
#include "history_parts.h"

enum { ROOM_PAGES = 63 };

union room_page { union room_page *next; u8 bytes[PAGE_SIZE]; };       /* the next free one, or what is kept */

struct page_room {
    struct page_room *next;
    union room_page page[ROOM_PAGES];
};

u8 *page_take(struct history *h)
{
    union room_page *page = h->free_page;
    if (!page) {
        struct page_room *room = malloc(sizeof *room);
        if (!room)
            return NULL;
        room->next = h->rooms;
        h->rooms = room;
        for (int k = ROOM_PAGES; k--; )
            page_give(h, room->page[k].bytes);
        page = h->free_page;
    }
    h->free_page = page->next;
    return page->bytes;
}

void page_give(struct history *h, u8 *bytes)
{
    union room_page *page = (union room_page *)(void *)bytes;
    page->next = h->free_page;
    h->free_page = page;
}

void pages_free(struct history *h)
{
    for (struct page_room *room; (room = h->rooms); ) {
        h->rooms = room->next;
        free(room);
    }
    h->free_page = NULL;
}
