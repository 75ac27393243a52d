/*
 * The least a program can do to serve tokens: one thread, one epoll, the same
 * answer to every request. What the daemon costs beyond this, it costs by its
 * own fault.
 *
 *   floor_server SOCKET RESPONSE_FILE
 *
 * Writes "ready" to stdout when it listens. Ends with the bench, however that
 * ends.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "floor.h"

enum {
    /* Descriptors are small numbers, so a connection is found by its own. */
    DESCRIPTORS_MAX = 16 * 1024,
    REQUEST_LEN_MAX = 256,
};

/* What has been read of a connection's next request. */
struct connection {
    size_t got;
    unsigned char bytes[REQUEST_LEN_MAX];
};

static struct connection connections[DESCRIPTORS_MAX];
static struct frame response;

static int listen_at(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0)
        fail("socket");
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0)
        fail(path);
    if (listen(listener, SOMAXCONN) != 0)
        fail("listen");
    return listener;
}

static void watch(int epoll, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        fail("epoll_ctl");
}

static void accept_all(int epoll, int listener)
{
    for (;;) {
        int caller = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (caller < 0) {
            if (errno == EAGAIN || errno == ECONNABORTED)
                return;
            fail("accept4");
        }
        if (caller >= DESCRIPTORS_MAX)
            fail_alone("too many connections");
        connections[caller].got = 0;
        watch(epoll, caller);
    }
}

/* Reads what there is and answers each request that is complete. Anything
 * odd ends the connection. */
static int serve(int caller)
{
    struct connection *connection = &connections[caller];
    ssize_t n = read(caller, connection->bytes + connection->got,
                     sizeof connection->bytes - connection->got);
    if (n <= 0)
        return n < 0 && errno == EAGAIN ? 0 : -1;
    connection->got += (size_t)n;
    while (connection->got >= HEADER_LEN) {
        size_t len = frame_len(connection->bytes);
        if (len > sizeof connection->bytes)
            return -1;
        if (connection->got < len)
            return 0;
        if (send(caller, response.bytes, response.len, MSG_NOSIGNAL) != (ssize_t)response.len)
            return -1;
        connection->got -= len;
        memmove(connection->bytes, connection->bytes + len, connection->got);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        fail_alone("usage: floor_server SOCKET RESPONSE_FILE");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    allow_many_descriptors();
    load_frame(&response, argv[2]);
    int listener = listen_at(argv[1]);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        fail("epoll_create1");
    watch(epoll, listener);
    puts("ready");
    fflush(stdout);

    struct epoll_event events[EVENTS_MAX];
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS_MAX, -1);
        if (count < 0 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener)
                accept_all(epoll, listener);
            else if (serve(fd) != 0)
                close(fd);
        }
    }
}
