// What happened at the authorization server, without any token, and what is to
// happen to the next connections.

/** Oldest requests are forgotten beyond this many. */
const LOG_LEN_MAX = 10_000;

export class Record {
  #requests = [];
  #granted = new Set();
  #revoked = new Map(); // grant id → the endpoint whose request revoked it
  #succeeded = 0;
  #failed = 0;
  #resets = 0;

  constructor(provider) {
    provider.on('grant.saved', (grant) => this.#granted.add(grant.jti));
    provider.on('grant.revoked', (ctx, grantId) => this.#noteRevoked(ctx, grantId));
    provider.on('grant.success', () => { this.#succeeded += 1; });
    provider.on('grant.error', () => { this.#failed += 1; });
    provider.use(async (ctx, next) => {
      await next();
      if (ctx.oidc?.route === 'token') {
        this.#noteRequest(ctx);
      }
    });
  }

  /** The next `times` requests to the token endpoint find their connection reset. */
  resetConnections(times) {
    this.#resets = times;
  }

  /** Whether this request to the token endpoint is one of those; then it is used up. */
  takeReset() {
    if (this.#resets === 0) {
      return false;
    }
    this.#resets -= 1;
    this.#push({ client_id: null, grant_type: null, status: null, error: 'connection_reset' });
    return true;
  }

  /** Requests to the token endpoint, oldest first. */
  requests() {
    return this.#requests;
  }

  /** How many grants there were, are no more, and why. */
  grants() {
    const by = [...this.#revoked.values()];
    return {
      granted: this.#granted.size,
      revoked: this.#revoked.size,
      revoked_at_token_endpoint: by.filter((route) => route === 'token').length,
      revoked_at_revocation_endpoint: by.filter((route) => route === 'revocation').length,
      token_requests_succeeded: this.#succeeded,
      token_requests_failed: this.#failed,
    };
  }

  #noteRequest(ctx) {
    this.#push({
      client_id: ctx.oidc.client?.clientId ?? null,
      grant_type: ctx.oidc.params?.grant_type ?? null,
      status: ctx.status,
      error: ctx.body?.error ?? null,
      error_description: ctx.body?.error_description,
    });
  }

  /** A grant that was revoked already keeps its first reason. */
  #noteRevoked(ctx, grantId) {
    if (!this.#revoked.has(grantId)) {
      this.#revoked.set(grantId, ctx.oidc.route);
    }
  }

  #push(request) {
    this.#requests.push({ time: new Date().toISOString(), ...request });
    if (this.#requests.length > LOG_LEN_MAX) {
      this.#requests.shift();
    }
  }
}
