#pragma once
#include <libpq-fe.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// The field codes of an error report are character macros, which Swift does not import.
static const int cpg_diag_severity = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int cpg_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int cpg_diag_message = PG_DIAG_MESSAGE_PRIMARY;
static const int cpg_diag_detail = PG_DIAG_MESSAGE_DETAIL;
static const int cpg_diag_hint = PG_DIAG_MESSAGE_HINT;
static const int cpg_diag_position = PG_DIAG_STATEMENT_POSITION;
static const int cpg_diag_table = PG_DIAG_TABLE_NAME;
static const int cpg_diag_column = PG_DIAG_COLUMN_NAME;
static const int cpg_diag_constraint = PG_DIAG_CONSTRAINT_NAME;

static inline void cpg_name_thread(const char *name) { prctl(PR_SET_NAME, name); }
static inline int cpg_wake_descriptor(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
static inline int cpg_blocking_descriptor(void) { return eventfd(0, EFD_CLOEXEC); }
