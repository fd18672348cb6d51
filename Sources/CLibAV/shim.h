#pragma once
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/md5.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/time.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What FFmpeg spells as a macro with a cast, Swift does not import: each gets a function of the same meaning. */

static inline int64_t mv_no_timestamp(void) { return AV_NOPTS_VALUE; }
static inline int mv_error_end_of_file(void) { return AVERROR_EOF; }
static inline int mv_error_again(void) { return AVERROR(EAGAIN); }
static inline int mv_error_invalid_data(void) { return AVERROR_INVALIDDATA; }
static inline int mv_error_interrupted(void) { return AVERROR_EXIT; }
static inline int mv_error_posix(int code) { return AVERROR(code); }
static inline int mv_error_decoder_not_found(void) { return AVERROR_DECODER_NOT_FOUND; }
static inline AVRational mv_microseconds(void) { return (AVRational){1, AV_TIME_BASE}; }

/* The last words of FFmpeg on this thread, kept for the cause of an error instead of standard error.
   The buffer belongs to one translation unit: use these from a single Swift file (LibAVLog.swift). */

enum { MV_LOG_CAPACITY = 400 };

static inline char *mv_log_buffer(void) {
    static _Thread_local char buffer[MV_LOG_CAPACITY];
    return buffer;
}

static inline void mv_log_keep(void *source, int level, const char *format, va_list arguments) {
    (void)source;
    if (level > AV_LOG_ERROR) return;
    char line[MV_LOG_CAPACITY];
    int length = vsnprintf(line, sizeof line, format, arguments);
    if (length <= 0) return;
    if (length >= (int)sizeof line) length = (int)sizeof line - 1;
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) line[--length] = 0;
    if (length > 0) memcpy(mv_log_buffer(), line, (size_t)length + 1);
}

static inline void mv_log_install(void) { av_log_set_callback(mv_log_keep); }
