/* cd_sector.h - a CD's mode 1 sector as it is on the disc: sync pattern, header, user data, error codes. */
#pragma once
#include "../../host/base.h"

enum { CD_PREGAP = 150, CD_RAW = 2352 };
/* Parts, as READ CD's byte 9 names them. */
enum { CD_SYNC = 0x80, CD_HEADER = 0x20, CD_USER = 0x10, CD_EDC = 0x08 };

/* Units of work (device.h) to make a sector's error codes. */
enum { CD_EDC_WORK = 1500 };

/* Minute, second, frame of a block (binary). */
void cd_msf(u32 lba, u8 msf[3]);
/* Bytes of the parts; if raw is given, also copies them from a raw sector to `to`. */
u32 cd_parts(u8 flags, const u8 *raw, u8 *to);
/* The parts of block lba whose user data are given, to `to`. */
void cd_sector(u8 flags, u32 lba, const u8 user[2048], u8 *to);
