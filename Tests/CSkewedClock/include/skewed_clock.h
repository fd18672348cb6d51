#pragma once

/// Whether this process's wall clock is off, and by how many seconds: `MVFLEET_FAULT_CLOCK_SECONDS`, read once.
long skewed_clock_seconds(void);
