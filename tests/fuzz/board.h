/* board.h - the whole board for harnesses: media in its drives, firmware that waits for interrupts, a silent log. */
#pragma once
#include "ops.h"
#include "../../cpu/core.h"
#include "../../iodev/board/pc.h"

enum { BOARD_RAM = 1 << 20, BOARD_FLOPPY = 1474560, BOARD_DISK = 1 << 20, BOARD_CD = 1 << 19, BOARD_BUS_MASTER = 0xc000 };

/* tick_cost as struct machine_config has it. */
struct pc *board_new(enum cpu_engine engine, u32 tick_cost);
/* struct target's functions for a board: everything but `advance`. */
void board_target(struct target *t, struct pc *pc);
