/* room.c - room for what pages held: for many at once, since the host's allocator would ask the host for each of them. */
#include "history_parts.h"

enum { ROOM_PAGES = 63 };

struct page_room {
    struct page_room *next;
    u8 page[ROOM_PAGES][PAGE_SIZE];
};

u8 *page_take(struct history *h)
{
    if (!h->free_page) {
        struct page_room *room = malloc(sizeof *room);
        if (!room)
            return NULL;
        room->next = h->rooms;
        h->rooms = room;
        for (int k = ROOM_PAGES; k--; )
            page_give(h, room->page[k]);
    }
    u8 *page = h->free_page;
    memcpy(&h->free_page, page, sizeof page);
    return page;
}

void page_give(struct history *h, u8 *page)
{
    memcpy(page, &h->free_page, sizeof h->free_page);
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
