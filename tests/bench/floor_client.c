/*
 * The least a program can do to get a token from the daemon: connect, send the
 * request, read one frame, print the token in it. What `oic-token get` costs
 * beyond this, it costs by its own fault.
 *
 *   floor_client SOCKET REQUEST_HEX TOKEN_AT TOKEN_LEN
 *
 * The bench takes all four from the real protocol, so that nothing about the
 * messages is written here but the header's length field. They come as
 * arguments and not in files: opening files would be work that the real
 * program does not do.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    HEADER_LEN = 8,
    REQUEST_LEN_MAX = 4 * 1024,
    FRAME_LEN_MAX = HEADER_LEN + 64 * 1024,
};

/* Not zeroed, and touched only as far as an answer reaches. */
static unsigned char request[REQUEST_LEN_MAX];
static unsigned char frame[FRAME_LEN_MAX + 1];

static _Noreturn void fail(const char *why)
{
    (void)!write(STDERR_FILENO, "floor_client: ", 14);
    (void)!write(STDERR_FILENO, why, strlen(why));
    (void)!write(STDERR_FILENO, "\n", 1);
    _exit(1);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        fail("the socket's path is too long");
    strcpy(address.sun_path, path);
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0)
        fail("there is no socket to be had");
    if (connect(server, (struct sockaddr *)&address, sizeof address) != 0)
        fail("nobody listens at the socket");
    return server;
}

static int digit(char hex)
{
    return hex <= '9' ? hex - '0' : hex - 'a' + 10;
}

static size_t decode_request(const char *hex)
{
    size_t len = strlen(hex) / 2;
    if (len > sizeof request)
        fail("the request is too long");
    for (size_t i = 0; i < len; i++)
        request[i] = (unsigned char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    return len;
}

static size_t read_frame(int server)
{
    size_t got = 0;
    size_t want = HEADER_LEN;
    while (got < want) {
        ssize_t n = read(server, frame + got, FRAME_LEN_MAX - got);
        if (n <= 0)
            fail("the answer ends early");
        got += (size_t)n;
        if (got >= HEADER_LEN) {
            uint32_t body_len;
            memcpy(&body_len, frame + 4, sizeof body_len); /* little-endian, like the machine */
            want = HEADER_LEN + body_len;
            if (want > FRAME_LEN_MAX)
                fail("the answer is too long");
        }
    }
    return got;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        fail("usage: floor_client SOCKET REQUEST_HEX TOKEN_AT TOKEN_LEN");
    size_t request_len = decode_request(argv[2]);
    size_t token_at = strtoul(argv[3], NULL, 10);
    size_t token_len = strtoul(argv[4], NULL, 10);

    int server = connect_to(argv[1]);
    if (write(server, request, request_len) != (ssize_t)request_len)
        fail("the request was not taken");
    size_t len = read_frame(server);
    if (token_at > len || token_len > len - token_at)
        fail("the answer holds no token");
    frame[token_at + token_len] = '\n';
    if (write(STDOUT_FILENO, frame + token_at, token_len + 1) != (ssize_t)token_len + 1)
        fail("the token was not taken");
    return 0;
}
