/* What the floor server and the load generator have in common. */
#ifndef FLOOR_H
#define FLOOR_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
    HEADER_LEN = 8,
    FRAME_LEN_MAX = HEADER_LEN + 64 * 1024,
    /* Events taken from the kernel at a time. */
    EVENTS_MAX = 256,
};

/* One frame, header included. */
struct frame {
    size_t len;
    unsigned char bytes[FRAME_LEN_MAX];
};

/* Ends the program because a call failed. */
static _Noreturn void fail(const char *call)
{
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, call, strerror(errno));
    exit(1);
}

/* Ends the program for a reason of its own. */
static _Noreturn void fail_alone(const char *why)
{
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, why);
    exit(1);
}

static void load_frame(struct frame *frame, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail(path);
    frame->len = fread(frame->bytes, 1, sizeof frame->bytes, file);
    if (ferror(file))
        fail(path);
    if (frame->len < HEADER_LEN)
        fail_alone("a frame is shorter than its header");
    fclose(file);
}

/* The length of the frame that starts with this header. */
static inline size_t frame_len(const unsigned char *header)
{
    uint32_t body_len;
    memcpy(&body_len, header + 4, sizeof body_len); /* little-endian, like the machine */
    return HEADER_LEN + (size_t)body_len;
}

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        fail_alone("the socket's path is too long");
    strcpy(address.sun_path, path);
    return address;
}

/* Thousands of connections are more than most shells allow at first. */
static void allow_many_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("setrlimit");
}

#endif
