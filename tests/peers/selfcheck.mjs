// Whether the authorization server does what the end-to-end tests rely on.
// Speaks to it with plain fetch; exits 0, or 1 after saying what was wrong.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { Client } from './device-client.mjs';

const SERVER = fileURLToPath(new URL('authorization-server.mjs', import.meta.url));
const ACCESS_TOKEN_LIFETIME = 7; // seconds; not the default, so that the option is seen to work
const REFRESHES = 5;
const DEADLINE = 30_000; // milliseconds, for everything

const server = spawn(process.execPath, [SERVER, '--access-token-lifetime', String(ACCESS_TOKEN_LIFETIME)], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const output = createInterface({ input: server.stdout });
const guard = setTimeout(() => fail(new Error(`not done after ${DEADLINE} ms`)), DEADLINE);

try {
  await main();
} catch (error) {
  fail(error);
}

async function main() {
  const [line] = await once(output, 'line');
  const ready = JSON.parse(line);
  const publicClient = new Client(ready, { client_id: ready.client_id });
  const confidentialClient = new Client(ready, ready.confidential_client);

  const session = await check('a public client signs in by the device flow', () => signsIn(publicClient, ready));
  const newest = await check(`${REFRESHES} refreshes rotate the refresh token`, () => rotates(publicClient, session));
  const kept = await check('a reset connection never reaches the provider', () => survivesReset(publicClient, newest));
  await check('a refresh token used twice revokes its grant', () => revokesOnReuse(publicClient, session, kept));
  await check('a device code used twice revokes its grant', () => revokesOnSecondExchange(publicClient));
  await check('a confidential client signs in and revokes', () => revokes(confidentialClient));
  await check('the end user may say no', () => denies(publicClient));
  await check('a wrong user code is not approved', () => refusesWrongCode(publicClient));
  await check('a token request without a resource gets an opaque access token', () => needsResource(ready));
  await check('the log holds every token request and no token', () => logsWithoutTokens(publicClient, confidentialClient));
  await check('the server quits when its stdin closes', quits);
  clearTimeout(guard);
}

async function signsIn(client, ready) {
  const device = await client.authorize();
  assert.equal(device.interval, undefined, 'this provider leaves the interval out');
  const pending = await client.exchange(device.device_code);
  assert.deepEqual([pending.status, pending.body.error], [400, 'authorization_pending']);

  await client.control('POST', '/approve', { user_code: device.user_code });
  const { status, body } = await client.exchange(device.device_code);
  assert.equal(status, 200, JSON.stringify(body.error));
  assert.equal(body.expires_in, ACCESS_TOKEN_LIFETIME);
  assert.equal(body.scope, 'api', 'narrower than what was asked');
  assert.ok(body.refresh_token, 'offline_access brings a refresh token');
  assert.equal(claims(body.id_token).sub, ready.subject);

  const access = claims(body.access_token);
  assert.equal(access.sub, ready.subject);
  assert.equal(access.aud, ready.token_params.resource);
  assert.equal(access.exp - access.iat, ACCESS_TOKEN_LIFETIME);
  return { ...body, device_code: device.device_code };
}

async function rotates(client, session) {
  const seen = new Set([session.refresh_token]);
  let refreshToken = session.refresh_token;
  for (let round = 0; round < REFRESHES; round += 1) {
    const { status, body } = await client.refresh(refreshToken);
    assert.equal(status, 200, body.error_description);
    assert.equal(claims(body.access_token).exp - claims(body.access_token).iat, ACCESS_TOKEN_LIFETIME);
    refreshToken = body.refresh_token;
    seen.add(refreshToken);
  }
  assert.equal(seen.size, REFRESHES + 1, 'each refresh token is another');
  return refreshToken;
}

async function survivesReset(client, refreshToken) {
  await client.control('POST', '/reset-connection', { times: 2 });
  await assert.rejects(client.refresh(refreshToken));
  await assert.rejects(client.refresh(refreshToken));
  const { status, body } = await client.refresh(refreshToken);
  assert.equal(status, 200, 'the refresh token was not used up');
  return body.refresh_token;
}

async function revokesOnReuse(client, session, newest) {
  const before = await client.grants();
  for (const refreshToken of [session.refresh_token, newest]) {
    const { status, body } = await client.refresh(refreshToken);
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
  }
  const after = await client.grants();
  assert.equal(after.revoked, before.revoked + 1);
  assert.equal(after.revoked_at_token_endpoint, before.revoked_at_token_endpoint + 1);
}

async function revokesOnSecondExchange(client) {
  const session = await client.signIn();
  const before = await client.grants();
  const again = await client.exchange(session.device_code);
  assert.deepEqual([again.status, again.body.error], [400, 'invalid_grant']);
  const { status, body } = await client.refresh(session.refresh_token);
  assert.deepEqual([status, body.error], [400, 'invalid_grant']);
  assert.equal((await client.grants()).revoked_at_token_endpoint, before.revoked_at_token_endpoint + 1);
}

async function revokes(client) {
  const session = await client.signIn();
  const refreshed = await client.refresh(session.refresh_token);
  assert.equal(refreshed.status, 200, refreshed.body.error_description);

  const before = await client.grants();
  const { status } = await client.revoke(refreshed.body.refresh_token);
  assert.equal(status, 200);
  const after = await client.grants();
  assert.equal(after.revoked_at_revocation_endpoint, before.revoked_at_revocation_endpoint + 1);
  const dead = await client.refresh(refreshed.body.refresh_token);
  assert.deepEqual([dead.status, dead.body.error], [400, 'invalid_grant']);
}

async function denies(client) {
  const device = await client.authorize();
  await client.control('POST', '/deny', { user_code: device.user_code });
  const { status, body } = await client.exchange(device.device_code);
  assert.deepEqual([status, body.error], [400, 'access_denied']);
}

async function refusesWrongCode(client) {
  await assert.rejects(client.control('POST', '/approve', { user_code: 'AAAA-AAAA' }), /incorrect/);
}

async function needsResource(ready) {
  const forgetful = new Client({ ...ready, token_params: {} }, { client_id: ready.client_id });
  const session = await forgetful.signIn();
  assert.ok(!session.access_token.includes('.'));
  assert.notEqual(session.expires_in, ACCESS_TOKEN_LIFETIME);
}

async function logsWithoutTokens(...clients) {
  const log = await clients[0].control('GET', '/log');
  const text = JSON.stringify(log);
  for (const secret of clients.flatMap((client) => [...client.secrets])) {
    assert.ok(!text.includes(secret), 'a token stands in the log');
  }
  const { token_requests_succeeded: succeeded, token_requests_failed: failed } = await clients[0].grants();
  assert.equal(log.filter(({ status }) => status === 200).length, succeeded);
  assert.equal(log.filter(({ status }) => status === 400).length, failed);
  assert.equal(log.filter(({ error }) => error === 'connection_reset').length, 2);
  assert.equal(log.filter(({ error }) => error === 'authorization_pending').length, 1);
}

async function quits() {
  server.stdin.end();
  const [code] = await once(server, 'exit');
  assert.equal(code, 0);
}

/** The claims of a JWT, not verified. */
function claims(token) {
  const [, payload] = token.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url'));
}

async function check(what, run) {
  try {
    const result = await run();
    console.log(`ok      ${what}`);
    return result;
  } catch (error) {
    console.log(`FAILED  ${what}`);
    throw error;
  }
}

function fail(error) {
  console.error(error);
  server.kill();
  process.exit(1);
}
