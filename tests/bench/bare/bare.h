/* bare.h - what a bare-metal benchmark kernel has: nothing but this. */
#pragma once
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int i32;
typedef unsigned long long u64;

/* The kernel's work, `scale` times over; returns a checksum of the results. */
u32 kernel(u32 scale);

static inline void out8(u16 port, u8 v)
{
    __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

/* gcc calls these. */
void *memcpy(void *to, const void *from, u32 n);
void *memset(void *to, int v, u32 n);

enum { HEAP = 0x200000 };       /* memory from here up to 8 MB is free */
