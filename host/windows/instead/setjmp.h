/* setjmp.h - C's, but that a longjmp only puts the registers back. Windows' own unwinds the stack, a frame after the other, and knows
 * nothing of handlers that tail-call each other; without a frame's address it leaves that (Microsoft: "longjmp", for _setjmp's second
 * argument setjmp.h of mingw-w64). */
#pragma once
#include_next <setjmp.h>
#undef setjmp
#define setjmp(buffer) _setjmp((buffer), NULL)
