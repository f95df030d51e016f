/* process.h - this program among others: its number, and where the host keeps what programs bring along. */
#pragma once
#include "base.h"

/* By which a user finds it: kill N. */
u64 process_id(void);
/* The k-th folder, from 0, below which packages of this host put their data ("/usr/share"), the likeliest first; NULL: no more. */
const char *process_data_folder(int k);
