/* thread.h - what POSIX threads, which every host has here, leave to the host's clock. */
#pragma once
#include "base.h"
#include <pthread.h>

/* Wait for the condition, at most until that moment of host_ns() (UINT64_MAX: for ever); it may come back before. */
void thread_wait(pthread_cond_t *changed, pthread_mutex_t *lock, u64 until);
