// oidc-provider on loopback, with a control listener beside it.
//
//   node authorization-server.mjs [--port N] [--access-token-lifetime SECONDS]
//
// Prints one line of JSON when it serves, and quits when its stdin closes, so
// that a test that dies leaves nothing behind.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

import { makeControl } from './control.mjs';
import {
  ACCOUNT, CONFIDENTIAL_CLIENT, PUBLIC_CLIENT, RESOURCE, SCOPES, makeProvider,
} from './provider.mjs';
import { Record } from './record.mjs';

const LOOPBACK = '127.0.0.1';
const PORT_MAX = 65535;
const ACCESS_TOKEN_LIFETIME_DEFAULT = 5; // seconds
const ACCESS_TOKEN_LIFETIME_MAX = 24 * 60 * 60; // seconds

// The provider prints notices with console.info, which is stdout. That is for
// the ready line alone.
console.info = console.error;

await main(readOptions());

async function main({ port, accessTokenLifetime }) {
  process.stdin.on('end', quit).on('error', quit).resume();
  process.on('SIGTERM', quit).on('SIGINT', quit);

  // The issuer's URL is part of the provider, so the port has to be known first.
  const server = createServer();
  const url = await listen(server, port);
  const provider = makeProvider(url, accessTokenLifetime);
  const record = new Record(provider);
  server.on('request', cutOrServe(provider, record));

  const control = createServer(makeControl(record, provider.urlFor('code_verification')));
  const controlUrl = await listen(control, 0);

  console.log(JSON.stringify({
    url,
    device_authorization_endpoint: provider.urlFor('device_authorization'),
    token_endpoint: provider.urlFor('token'),
    revocation_endpoint: provider.urlFor('revocation'),
    client_id: PUBLIC_CLIENT.client_id,
    confidential_client: {
      client_id: CONFIDENTIAL_CLIENT.client_id,
      client_secret: CONFIDENTIAL_CLIENT.client_secret,
    },
    scopes: SCOPES,
    device_authorization_params: { resource: RESOURCE },
    token_params: { resource: RESOURCE },
    access_token_lifetime: accessTokenLifetime,
    subject: ACCOUNT,
    control_url: controlUrl,
  }));
}

/** The provider's listener, behind the resets that were asked for. */
function cutOrServe(provider, record) {
  const serve = provider.callback();
  const tokenPath = new URL(provider.urlFor('token')).pathname;
  return (request, response) => {
    const [path] = request.url.split('?');
    if (path === tokenPath && record.takeReset()) {
      // Before the body is read: the provider never learns of this request.
      request.socket.resetAndDestroy();
      return;
    }
    serve(request, response);
  };
}

/** Listens on loopback; the URL, without a slash at its end. */
async function listen(server, port) {
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  return `http://${LOOPBACK}:${server.address().port}`;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      'access-token-lifetime': { type: 'string', default: String(ACCESS_TOKEN_LIFETIME_DEFAULT) },
    },
  });
  return {
    port: wholeNumber(values, 'port', 0, PORT_MAX),
    accessTokenLifetime: wholeNumber(values, 'access-token-lifetime', 1, ACCESS_TOKEN_LIFETIME_MAX),
  };
}

function wholeNumber(values, name, min, max) {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= min && number <= max) {
    return number;
  }
  console.error(`authorization-server: --${name} ${values[name]}: expected a whole number from ${min} to ${max}`);
  process.exit(2);
}

function quit() {
  process.exit(0);
}
