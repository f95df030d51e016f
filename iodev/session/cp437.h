/* cp437.h - code page 437, the character set of the PC's fonts: IBM PC Character Data Representation, code page 00437. */
#pragma once
#include "../../host/base.h"

/* The Unicode character that looks like the font's character; 0, 255 and 32 are spaces. */
u16 cp437_unicode(u8 code);
/* An ASCII character for terminals that have nothing else. */
char cp437_ascii(u8 code);
