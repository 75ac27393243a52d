/*
 * Asks a server for a token over many connections at once and measures how
 * often and how fast it answers.
 *
 *   load SOCKET REQUEST_FILE RESPONSE_FILE CONNECTIONS SECONDS kept|fresh
 *
 * "kept": each connection asks again as soon as it is answered.
 * "fresh": each answer is followed by a new connection in its place; the time
 * an answer takes then counts from before the connect.
 *
 * An answer is right when its header is that of RESPONSE_FILE, length
 * included; the rest differs by the seconds that the token is still valid.
 * Writes one line of JSON.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "floor.h"

enum {
    CONNECTIONS_MAX = 8 * 1024,
    SECONDS_MAX = 60,
    /* For connecting, and for a server that does not answer at all. */
    SPARE_SECONDS = 30,
    ANSWERS_MAX = 1 << 23,
};

/* Answers that come sooner are not counted: caches are cold, and the first
 * round is asked all at once. */
static const uint64_t WARM_UP_NS = 200 * 1000 * 1000;
static const uint64_t SECOND_NS = 1000 * 1000 * 1000;

struct connection {
    int fd;
    size_t got;        /* of the answer, in bytes */
    uint64_t asked_at; /* in nanoseconds */
};

struct load {
    struct sockaddr_un address;
    int epoll;
    bool fresh;
    uint64_t counted_from;
    size_t answers;
};

static struct frame request, response;
static struct connection connections[CONNECTIONS_MAX];
static uint64_t answer_times[ANSWERS_MAX]; /* in nanoseconds */

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

/* Blocks while the server's queue is full, as any caller's connect does. */
static void open_connection(const struct load *load, struct connection *connection)
{
    connection->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0)
        fail("socket");
    if (connect(connection->fd, (const struct sockaddr *)&load->address, sizeof load->address) != 0)
        fail("connect");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0)
        fail("epoll_ctl");
}

static void ask(struct connection *connection)
{
    connection->got = 0;
    if (send(connection->fd, request.bytes, request.len, MSG_NOSIGNAL) != (ssize_t)request.len)
        fail_alone("a request was not taken");
}

static void begin(const struct load *load, struct connection *connection)
{
    connection->asked_at = now();
    if (load->fresh)
        open_connection(load, connection);
    ask(connection);
}

/* Whether the answer is complete now. */
static bool read_answer(struct connection *connection)
{
    static unsigned char bytes[FRAME_LEN_MAX];
    ssize_t n = read(connection->fd, bytes, response.len - connection->got);
    if (n < 0)
        fail("read");
    if (n == 0)
        fail_alone("the server hung up");
    if (connection->got < HEADER_LEN) {
        size_t of_header = HEADER_LEN - connection->got;
        size_t len = (size_t)n < of_header ? (size_t)n : of_header;
        if (memcmp(bytes, response.bytes + connection->got, len) != 0)
            fail_alone("the server gave another answer");
    }
    connection->got += (size_t)n;
    return connection->got == response.len;
}

static void on_answer(struct load *load, struct connection *connection)
{
    uint64_t answered_at = now();
    if (answered_at >= load->counted_from && load->answers < ANSWERS_MAX)
        answer_times[load->answers++] = answered_at - connection->asked_at;
    if (load->fresh)
        close(connection->fd);
    begin(load, connection);
}

/* Returns how long the counted part took, in nanoseconds. */
static uint64_t run(struct load *load, int count, uint64_t seconds)
{
    for (int i = 0; i < count && !load->fresh; i++)
        open_connection(load, &connections[i]);
    load->counted_from = now() + WARM_UP_NS;
    uint64_t end = load->counted_from + seconds * SECOND_NS;
    for (int i = 0; i < count; i++)
        begin(load, &connections[i]);

    struct epoll_event events[EVENTS_MAX];
    uint64_t time = 0;
    while (time < end && load->answers < ANSWERS_MAX) {
        int ready = epoll_wait(load->epoll, events, EVENTS_MAX, -1);
        if (ready < 0)
            fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (read_answer(connection))
                on_answer(load, connection);
        }
        time = now();
    }
    return time - load->counted_from;
}

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* The smallest answer time that `percent` of all answers do not exceed, in
 * microseconds. The times are sorted. */
static double percentile(size_t answers, size_t percent)
{
    size_t rank = (answers * percent + 99) / 100;
    return (double)answer_times[rank - 1] / 1000;
}

static long number(const char *text, long max)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*end != '\0' || value < 1 || value > max)
        fail_alone("a number is not within its limits");
    return value;
}

int main(int argc, char **argv)
{
    if (argc != 7)
        fail_alone("usage: load SOCKET REQUEST_FILE RESPONSE_FILE CONNECTIONS SECONDS kept|fresh");
    struct load load = {.address = address_of(argv[1]), .fresh = strcmp(argv[6], "fresh") == 0};
    load_frame(&request, argv[2]);
    load_frame(&response, argv[3]);
    int count = (int)number(argv[4], CONNECTIONS_MAX);
    long seconds = number(argv[5], SECONDS_MAX);
    /* Whatever the server does, this ends. */
    alarm((unsigned)(seconds + SPARE_SECONDS));
    allow_many_descriptors();
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load.epoll < 0)
        fail("epoll_create1");

    uint64_t took = run(&load, count, (uint64_t)seconds);
    if (load.answers == 0)
        fail_alone("no answer came in time");
    qsort(answer_times, load.answers, sizeof *answer_times, by_size);
    printf("{\"requests_per_second\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
           (double)load.answers * (double)SECOND_NS / (double)took,
           percentile(load.answers, 50), percentile(load.answers, 99));
    return 0;
}
